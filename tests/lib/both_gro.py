# SPDX-License-Identifier: BSD-3-Clause
"""Batches of packets through both GRO engines, the kernel's and ours, and what came out as something to compare."""
import collections

import gro_groups
import offload_cli
from frame_gen import FIN, PSH

Outcome = collections.namedtuple("Outcome", "records groups")  # groups: the packets that each record is made of


def frames(records):
    return [r.data for r in records]


class BothGro:
    """Batches of packets through both engines; what each makes is cut again by the other one's GSO.

    Where the kernel cannot be given super-frames in tunnels, ours cuts its own, too."""

    def __init__(self, kernel, batches, shape="any", kinds="tcp,udp", in_vxlan=False):
        self.batches, self.in_vxlan = batches, in_vxlan
        data = [[p.frame() for p in batch] for batch in batches]
        self.kernel_records = kernel.gro(data)
        self.our_records = offload_cli.gro(data, kinds, shape, wire=in_vxlan)
        self.kernel_pieces = gro_groups.cut_all(self._our_cut, self.kernel_records)
        cut = self._our_cut if in_vxlan and not kernel.can_cut_vxlan else kernel.gso
        self.our_pieces = gro_groups.cut_all(cut, self.our_records)

    def _our_cut(self, records):
        return [frames(out) for out in offload_cli.gso(records, "any", wire=self.in_vxlan)]

    def of_kernel(self, i, lost=None):
        """Outcome of batch @i; ValueError where the pieces are not the packets (but for the fields @lost)."""
        packets = [p.edit(**lost) for p in self.batches[i]] if lost else self.batches[i]
        return Outcome(self.kernel_records[i], gro_groups.groups(packets, self.kernel_pieces[i]))

    def ours(self, i):
        return Outcome(self.our_records[i], gro_groups.groups(self.batches[i], self.our_pieces[i]))


def trains(outcome):
    """{packets: Record} of what was merged, without what may differ."""
    pairs = [(g, r) for g, r in zip(outcome.groups, outcome.records) if len(g) > 1]
    return {tuple(g): r._replace(vnet=r.vnet._replace(hdr_len=0)) for g, r in pairs}


def common_trains_are_equal(a, b):
    a, b = trains(a), trains(b)
    return all(a[g] == b[g] for g in a.keys() & b.keys())


def one_frame(packets):
    """The Record that stands for a train of these, built from scratch."""
    g, flags = packets[0], packets[0].flags | packets[-1].flags & (PSH | FIN)
    record = g.edit(plen=sum(p.plen for p in packets), flags=flags, pad=0).super(g.plen)
    return record._replace(vnet=record.vnet._replace(hdr_len=0))


def merged(text):
    return {word for word in text.split() if len(word) > 1}
