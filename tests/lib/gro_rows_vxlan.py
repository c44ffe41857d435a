# SPDX-License-Identifier: BSD-3-Clause
"""Merge conditions inside VXLAN, as gro_rows.py has them for plain packets.

Fields with outer_ in front are those of the outer headers (tunnel_gen.py).  The rows of gro_rows.py are here, too, of the
inner packet: they come out as they do without a tunnel.

Not here: VLAN tags inside, which only kernels built with VLAN devices look behind.
"""
import dataclasses
import struct

import gro_rows
from frame_gen import DF, EVIL, MF, VLAN, fold
from gro_rows import (APART, DST1, DST2, HOP1, NOP4, OVERTAKEN, PADDING, apart, both, first, flip, joins, second, stricter,
                      train, up, wider)


def kinds(inner=("tcp4", "tcp6", "udp4", "udp6"), outer=("4", "6", "4_zero", "6_zero")):
    return tuple(f"{i}_in_{o}" for i in inner for o in outer)


ALL = kinds()
V4 = kinds(outer=("4", "4_zero"))
V6 = kinds(outer=("6", "6_zero"))
SUM = kinds(outer=("4", "6"))  # a checksum in front
ZERO = kinds(outer=("4_zero", "6_zero"))
V4_IN_V4 = kinds(("tcp4", "udp4"), ("4", "4_zero"))
TCP, UDP = kinds(("tcp4", "tcp6")), kinds(("udp4", "udp6"))
TCP_SUM, TCP_ZERO = (tuple(k for k in TCP if k in some) for some in (SUM, ZERO))
GBP = 0x88000000  # a flag of another draft: with it comes a group in the reserved bits

LENGTH = {"outer_udp_len_add": 0}
REPAIRED = "it would leave with another length than it came with"


def sums_to_0(g):
    """@g with the source port that makes the outer checksum 0, which is written as 0xffff."""
    udp = g.outer.l4_off
    csum = int.from_bytes(g.frame()[udp + 6:udp + 8], "big")
    return g.edit(outer_sport=lambda v: fold(struct.pack("!HH", v, csum)))


OWN = [
    # what may be
    joins("outer_ce_on_both", ALL, both(outer_tos=3)),
    joins("outer_dscp_on_both", ALL, both(outer_tos=0xB8)),
    joins("outer_id_counts_without_df", V4, both(outer_frag=0)),
    joins("outer_id_wraps", V4, both(first={"outer_id": 0xFFFF}, second={"outer_id": 0})),
    joins("outer_id_fixed_with_df", V4, second(outer_id=7000), moved=True),
    joins("ids_fixed_outside_and_inside", V4_IN_V4, second(outer_id=7000, id=1000),
          moved=True),
    joins("id_fixed_inside_only", V4_IN_V4, second(id=1000)),
    joins("outer_checksum_0xffff", SUM, lambda g: [sums_to_0(g), sums_to_0(g).next()]),
    joins("outer_ext_headers_equal", V6, both(outer_ext=(HOP1, DST1))),
    joins("vxlan_group_on_both", ALL, both(vx_flags=GBP)),
    joins("vxlan_reserved_on_both", ALL, both(vx_reserved=7)),
    joins("outer_vlan_on_both", ALL, both(outer_vlans=((VLAN, 0x2005),))),

    # the link's header
    apart("outer_mac", ALL, second(outer_mac=3)),
    apart("outer_vlan_id", ALL, both(first={"outer_vlans": ((VLAN, 5),)}, second={"outer_vlans": ((VLAN, 6),)})),
    apart("outer_vlan_second", ALL, second(outer_vlans=((VLAN, 5),))),

    # the outer network header
    apart("outer_dscp", ALL, second(outer_tos=flip(4))),
    apart("outer_ecn_ce", ALL, second(outer_tos=flip(3))),
    apart("outer_ttl", ALL, second(outer_ttl=63)),
    apart("outer_address", ALL, second(outer_addr=2)),
    apart("outer_df_second", V4, both(first={"outer_frag": 0})),
    apart("outer_df_first", V4, both(second={"outer_frag": 0})),
    apart("outer_evil_bit_on_both", V4, both(outer_frag=DF | EVIL)),
    apart("outer_id_gap", V4, second(outer_id=up)),
    apart("outer_id_back", V4, second(outer_id=6999)),
    joins("outer_id_fixed_then_counts", V4, train({}, {"outer_id": 7000}, {"outer_id": 7001}), "01 2", moved=True),
    joins("outer_id_counts_then_fixed", V4, train({}, {}, {"outer_id": 7001}), "01 2", moved=True),
    stricter("outer_id_fixed_without_df", V4, both(outer_frag=0, second={"outer_id": 7000}),
             "an identification means something where a packet may be fragmented (RFC 6864)", moved=True),
    apart("outer_ip_options_on_both", V4, both(outer_ip_options=NOP4)),
    apart("outer_ip_checksum_first", V4, first(outer_ip_csum_xor=1)),
    apart("outer_ip_checksum_second", V4, second(outer_ip_csum_xor=1), OVERTAKEN),
    apart("outer_more_fragments", V4, second(outer_frag=MF), OVERTAKEN),
    apart("outer_later_fragment", V4, second(outer_frag=5), OVERTAKEN),
    apart("outer_fragments_both", V4, both(outer_frag=MF)),
    apart("outer_flow_label", V6, second(outer_label=flip(1))),
    apart("outer_ext_header_second", V6, second(outer_ext=(DST1,))),
    apart("outer_ext_header_bytes", V6, both(first={"outer_ext": (DST1,)}, second={"outer_ext": (DST2,)})),

    # the outer transport header
    apart("outer_source_port", ALL, second(outer_sport=up)),
    apart("outer_destination_port", SUM, second(outer_dport=up)),
    apart("outer_destination_port_no_checksum", ZERO, second(outer_dport=up), OVERTAKEN, OVERTAKEN),
    apart("outer_checksum_first", SUM, first(outer_csum_xor=0x10)),
    apart("outer_checksum_second", SUM, second(outer_csum_xor=0x10), OVERTAKEN),
    apart("outer_checksum_on_first_only", SUM, second(outer_udp_csum=False)),
    apart("outer_checksum_on_second_only", SUM, first(outer_udp_csum=False)),
    stricter("outer_udp_length_first", ALL, first(outer_udp_len_add=-1), REPAIRED, lost=LENGTH),
    stricter("outer_udp_length_second", ALL, second(outer_udp_len_add=-1), REPAIRED, ours=OVERTAKEN, lost=LENGTH),

    # VXLAN
    apart("vni", ALL, second(vni=6)),
    apart("vxlan_flags", ALL, second(vx_flags=GBP)),
    apart("vxlan_reserved_bits", ALL, second(vx_flags=flip(1))),
    apart("vxlan_reserved_byte", ALL, second(vx_reserved=7)),
    apart("vxlan_no_vni_second", SUM, second(vx_flags=0)),
    apart("vxlan_no_vni_second_no_checksum", ZERO, second(vx_flags=0), APART, OVERTAKEN),

    # sizes
    apart("inner_padding_first", ALL, first(inner_pad=6)),
    apart("inner_padding_second_tcp", TCP, second(plen=1, inner_pad=5)),
    apart("inner_padding_second_udp", UDP, second(plen=1, inner_pad=5), OVERTAKEN),
    wider("outer_padding_second_checksum", TCP_SUM, second(plen=1, pad=5), PADDING, OVERTAKEN),
    wider("outer_padding_second_no_checksum", TCP_ZERO, second(plen=1, pad=5), PADDING),
]

HERE = {"padding_second_tcp"}  # rows of gro_rows.py that come out in two ways, and have two names above

INNER = [dataclasses.replace(row, kinds=kinds(row.kinds)) for row in gro_rows.ROWS
         if row.name not in HERE and "vlan" not in row.name]
ROWS = INNER + OWN
