# SPDX-License-Identifier: BSD-3-Clause
"""Batches of packets through both GRO engines, the kernel's and ours, and what came out as something to compare."""
import collections

import gro_groups
import offload_cli
import tunnel_gen
from frame_gen import FIN, PSH

Outcome = collections.namedtuple("Outcome", "records groups")  # groups: the packets that each record is made of


def frames(records):
    return [r.data for r in records]


class BothGro:
    """Batches of packets through both engines; what each makes is cut again by the other one's GSO.

    Where the kernel cannot be given a super-frame in a tunnel, ours cuts its own, too."""

    def __init__(self, kernel, batches, shape="any", kinds="tcp,udp", in_tunnel=False):
        self.kernel, self.batches, self.in_tunnel = kernel, batches, in_tunnel
        data = [[p.frame() for p in batch] for batch in batches]
        self.kernel_records = [[owing_gre(r) for r in out] for out in kernel.gro(data)]
        self.our_records = offload_cli.gro(data, kinds, shape, wire=in_tunnel)
        self.kernel_pieces = gro_groups.cut_all(self._our_cut, self.kernel_records)
        self.our_pieces = gro_groups.cut_all(self._kernel_cut, self.our_records)

    def _our_cut(self, records):
        return [frames(out) for out in offload_cli.gso(records, "any", wire=self.in_tunnel)]

    def _kernel_cut(self, records):
        able = [self.kernel.can_cut(r) for r in records]
        by_kernel = iter(self.kernel.gso([r for r, yes in zip(records, able) if yes]))
        by_us = iter(self._our_cut([r for r, yes in zip(records, able) if not yes]))
        return [next(by_kernel if yes else by_us) for yes in able]

    def of_kernel(self, i, lost=None):
        """Outcome of batch @i; ValueError where the pieces are not the packets (but for the fields @lost)."""
        packets = [p.edit(**lost) for p in self.batches[i]] if lost else self.batches[i]
        return Outcome(self.kernel_records[i], gro_groups.groups(packets, self.kernel_pieces[i]))

    def ours(self, i):
        return Outcome(self.our_records[i], gro_groups.groups(self.batches[i], self.our_pieces[i]))


def owing_gre(record):
    """In a train of the kernel's GRE's checksum is that of the first packet; in ours it is owed."""
    inner = tunnel_gen.inner(record.data)
    if not record.vnet.gso_type or not inner or inner.is_udp or not record.data[inner.tunnel] & 0x80:
        return record
    at = inner.tunnel + 4
    return record._replace(data=record.data[:at] + bytes(2) + record.data[at + 2:])


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
    record = g.unpadded().edit(plen=sum(p.plen for p in packets), flags=flags).super(g.plen)
    return record._replace(vnet=record.vnet._replace(hdr_len=0))


def merged(text):
    return {word for word in text.split() if len(word) > 1}
