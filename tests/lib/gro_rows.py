# SPDX-License-Identifier: BSD-3-Clause
"""Merge conditions as a table: a row is a few packets that would merge but for what the row's name says, and what the
kernel and cvsw make of them.

An outcome is a string: packets by number in the order in which they leave, merged ones in one word.  "01": one train;
"0 1": apart; "1 0": the second one leaves first, for the kernel does not look whether it holds data of the flow of a
packet that it cannot use.  cvsw keeps the order.
"""
import dataclasses
import os
import re

import tunnel_gen
from frame_gen import (ACK, CWR, DF, DSTOPTS, ECE, EVIL, FIN, HOPOPTS, MF, PSH, ROUTING, RST, SYN, URG, VLAN, padn, routing,
                       timestamp)

MEASURED = (6, 18)
TCP, UDP = ("tcp4", "tcp6"), ("udp4", "udp6")
V4, V6 = ("tcp4", "udp4"), ("tcp6", "udp6")
ALL = TCP + UDP
JOINED, APART, OVERTAKEN = "01", "0 1", "1 0"
KERNEL = tuple(int(x) for x in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    kinds: tuple  # "tcp4".. where it applies, of tunnel_gen.of_kind()
    edit: object  # function: a packet of that kind -> list of packets
    kernel: str
    ours: str
    why: str = ""  # ours and the kernel's differ in what they merge
    lost: dict = dataclasses.field(default_factory=dict)  # what the kernel's trains have lost: fields of all packets
    moved: bool = False  # kernels differ; what is said here is that of MEASURED

    def packets(self, kind):
        return self.edit(tunnel_gen.of_kind(kind))

    def kernel_is_known(self):
        return not self.moved or KERNEL == MEASURED


def both(first=None, second=None, **fields):
    """Two packets in sequence: @fields of both, then those of one."""

    def edit(g):
        a = g.edit(**fields)
        return [a.edit(**(first or {})), a.next().edit(**(second or {}))]

    return edit


def first(**fields):
    return both(first=fields)


def second(**fields):
    return both(second=fields)


def train(*edits, **fields):
    """One packet for each of @edits."""

    def edit(g):
        out, g = [], g.edit(**fields)
        for e in edits:
            out.append(g.edit(**e))
            g = out[-1].next()
        return out

    return edit


def fill_64k(plens):
    """Packets of @plens bytes; a negative number stands for what is left of 65,535 + that + 100."""

    def edit(g):
        hlen = g.pay_off - g.l3_off
        out = []
        for plen in plens:
            if plen < 0:
                plen += 100 + 65535 - hlen - sum(p.plen for p in out)
            g = (out[-1].next() if out else g).edit(plen=plen)
            out.append(g)
        return out

    return edit


def up(v):
    return v + 1


def flip(bits):
    return lambda v: v ^ bits


def joins(name, kinds, edit, kernel=JOINED, **more):
    """Both merge alike."""
    return Row(name, kinds, edit, kernel, kernel, **more)


def apart(name, kinds, edit, kernel=APART, ours=APART, **more):
    """Neither merges; the order may differ."""
    return Row(name, kinds, edit, kernel, ours, **more)


def stricter(name, kinds, edit, why, ours=APART, **more):
    return Row(name, kinds, edit, JOINED, ours, why="ours: apart because " + why, **more)


def wider(name, kinds, edit, why, kernel=APART, **more):
    return Row(name, kinds, edit, kernel, JOINED, why="ours: together because " + why, **more)


ROUTE_DONE, ROUTE_LEFT = (ROUTING, routing(0)), (ROUTING, routing(1))
DST1, DST2, HOP1 = (DSTOPTS, padn(1)), (DSTOPTS, padn(2)), (HOPOPTS, padn(1))
PADDING = "what Ethernet puts behind an IP packet is not part of it"
NOP4 = bytes((1, 1, 1, 1))

ROWS = [
    # what may be
    joins("nothing_differs", ALL, both()),
    joins("one_byte_each", ALL, both(plen=1)),
    joins("smaller_last", ALL, second(plen=1)),
    joins("odd_sizes", ALL, both(plen=777, second={"plen": 333})),
    joins("ce_on_both", ALL, both(tos=3)),
    joins("dscp_on_both", ALL, both(tos=0xB8)),
    joins("id_counts_without_df", V4, both(frag=0)),
    joins("id_wraps", V4, both(first={"id": 0xFFFF}, second={"id": 0})),
    joins("id_fixed_with_df", V4, second(id=1000)),
    joins("seq_wraps", TCP, both(first={"seq": 0xFFFFFFF0}, second={"seq": 0xFFFFFFF0 + 1000 & 0xFFFFFFFF})),
    joins("psh_last", TCP, second(flags=flip(PSH))),
    joins("fin_psh_last", TCP, second(flags=flip(PSH | FIN))),
    joins("ece_on_both", TCP, both(flags=ACK | ECE)),
    joins("timestamps_equal", TCP, both(options=timestamp(5))),
    joins("options_of_40_bytes", TCP, both(options=NOP4 * 10)),
    joins("ext_headers_equal", V6, both(ext=(HOP1, ROUTE_DONE, DST1))),
    joins("reserved_on_both", TCP, both(reserved=1)),

    # the link's header
    apart("mac", ALL, second(mac=3)),
    joins("vlan_on_both", ALL, both(vlans=((VLAN, 0x2005),))),
    apart("vlan_id", ALL, both(first={"vlans": ((VLAN, 5),)}, second={"vlans": ((VLAN, 6),)})),
    apart("vlan_priority", ALL, both(first={"vlans": ((VLAN, 5),)}, second={"vlans": ((VLAN, 0x2005),)})),
    apart("vlan_second", ALL, second(vlans=((VLAN, 5),))),
    apart("vlan_first", ALL, first(vlans=((VLAN, 5),))),

    # the network header
    apart("dscp", ALL, second(tos=flip(4))),
    apart("ecn_ce", ALL, second(tos=flip(3))),
    apart("ecn_ect1_ect0", ALL, both(first={"tos": 1}, second={"tos": 2})),
    apart("ttl", ALL, second(ttl=63)),
    apart("address", ALL, second(addr=2)),
    apart("df_second", V4, both(first={"frag": 0})),
    apart("df_first", V4, both(second={"frag": 0})),
    apart("evil_bit_on_both", V4, both(frag=DF | EVIL)),
    apart("id_gap", V4, second(id=up)),
    apart("id_back", V4, second(id=999)),
    joins("id_fixed_then_counts", V4, train({}, {"id": 1000}, {"id": 1001}), "01 2"),
    joins("id_counts_then_fixed", V4, train({}, {}, {"id": 1001}), "01 2"),
    stricter("id_fixed_without_df", V4, both(frag=0, second={"id": 1000}),
             "an identification means something where a packet may be fragmented (RFC 6864)", moved=True),
    apart("ip_options_second", V4, second(ip_options=NOP4), OVERTAKEN),
    apart("ip_options_on_both", V4, both(ip_options=NOP4)),
    apart("ip_checksum_first", V4, first(ip_csum_xor=1)),
    apart("ip_checksum_second", V4, second(ip_csum_xor=1), OVERTAKEN),
    apart("more_fragments", V4, second(frag=MF), OVERTAKEN),
    apart("later_fragment", V4, second(frag=5), OVERTAKEN),
    apart("fragments_both", V4, both(frag=MF)),
    apart("flow_label", V6, second(label=flip(1))),
    apart("ext_header_second", V6, second(ext=(DST1,))),
    apart("ext_header_first", V6, first(ext=(DST1,))),
    apart("ext_header_bytes", V6, both(first={"ext": (DST1,)}, second={"ext": (DST2,)})),
    apart("ext_header_kind", V6, both(first={"ext": (HOP1,)}, second={"ext": (DST1,)})),
    stricter("routing_not_used_up", V6, both(ext=(ROUTE_LEFT,)),
             "the checksum's destination is the last address in the header, not the one in front"),

    # the transport header
    apart("source_port", ALL, second(sport=up)),
    apart("destination_port", ALL, second(dport=up)),
    apart("checksum_first", ALL, first(csum_xor=0x10)),
    apart("checksum_second", ALL, second(csum_xor=0x10), OVERTAKEN),
    apart("sequence_gap", TCP, second(seq=up)),
    apart("sequence_overlap", TCP, second(seq=lambda v: v - 1)),
    apart("sequence_again", TCP, second(seq=0xFFFFFC00)),
    apart("ack", TCP, second(ack=up)),
    apart("window", TCP, second(window=up)),
    apart("reserved_bits", TCP, second(reserved=1)),
    apart("ece_second", TCP, second(flags=flip(ECE))),
    apart("ece_first", TCP, first(flags=flip(ECE))),
    apart("cwr_first", TCP, first(flags=flip(CWR)), moved=True),
    apart("cwr_second", TCP, second(flags=flip(CWR))),
    apart("cwr_on_both", TCP, both(flags=ACK | CWR), moved=True),
    apart("psh_first", TCP, first(flags=flip(PSH))),
    apart("fin_first", TCP, first(flags=flip(FIN))),
    apart("syn_first", TCP, first(flags=flip(SYN))),
    apart("syn_second", TCP, second(flags=flip(SYN))),
    apart("syn_on_both", TCP, both(flags=ACK | SYN)),
    apart("rst_first", TCP, first(flags=flip(RST))),
    apart("rst_second", TCP, second(flags=flip(RST))),
    apart("rst_on_both", TCP, both(flags=ACK | RST)),
    apart("urg_first", TCP, first(flags=flip(URG))),
    apart("urg_second", TCP, second(flags=flip(URG))),
    apart("urg_on_both", TCP, both(flags=ACK | URG)),
    apart("no_ack_second", TCP, second(flags=0)),
    joins("no_ack_on_both", TCP, both(flags=0)),
    stricter("urgent_pointer", TCP, second(urgent=1), "segmentation could not give it back, and the kernel's does not",
             lost={"urgent": 0}),
    apart("timestamp", TCP, both(first={"options": timestamp(5)}, second={"options": timestamp(6)})),
    apart("timestamp_echo", TCP, both(first={"options": timestamp(5, 1)}, second={"options": timestamp(5, 2)})),
    apart("options_longer", TCP, both(first={"options": NOP4}, second={"options": NOP4 * 2})),
    apart("options_second", TCP, second(options=NOP4)),
    apart("udp_no_checksum_first", UDP, first(udp_csum=False)),
    apart("udp_no_checksum_second", UDP, second(udp_csum=False), OVERTAKEN),
    apart("udp_no_checksum_on_both", UDP, both(udp_csum=False)),
    apart("udp_length_first", UDP, first(udp_len_add=-1)),
    apart("udp_length_second", UDP, second(udp_len_add=-1), OVERTAKEN),

    # sizes
    apart("larger_second", ALL, second(plen=1001)),
    joins("small_then_full", ALL, train({}, {"plen": 5}, {"plen": 1000}), "01 2"),
    apart("no_payload_first", ALL, first(plen=0)),
    apart("no_payload_second", TCP, second(plen=0)),
    apart("no_datagram_second", UDP, second(plen=0), OVERTAKEN),
    apart("no_payload_between", TCP, train({}, {"plen": 0}, {"plen": 1000}), "0 1 2", "0 1 2"),
    wider("padding_first", ALL, first(pad=6), PADDING),
    wider("padding_second_tcp", TCP, second(plen=1, pad=5), PADDING),
    wider("padding_second_udp", UDP, second(plen=1, pad=5), PADDING, OVERTAKEN),
    joins("full_64k", ALL, fill_64k([13000] * 5 + [-100]), "012345"),
    joins("one_more_than_64k", ALL, fill_64k([13000] * 5 + [-99]), "01234 5"),

    # trains
    joins("psh_in_the_middle", TCP, train({}, {"flags": ACK | PSH}, {"flags": ACK}), "01 2"),
    joins("lost_in_the_middle", TCP, train({}, {}, {"seq": lambda v: v + 1000, "pos": lambda v: v + 1000}, {}), "01 23"),
    apart("swapped", TCP, lambda g: [g, g.next().next(), g.next(), g.next().next().next()], "0 1 2 3", "0 1 2 3"),
    joins("two_flows_interleaved", ALL, lambda g: [g, g.edit(sport=1), g.next(), g.next().edit(sport=1)], "02 13"),
]
