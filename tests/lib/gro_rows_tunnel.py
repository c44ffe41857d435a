# SPDX-License-Identifier: BSD-3-Clause
"""Merge conditions inside Geneve and GRE: the rows of gro_rows_vxlan.py as far as they speak of what these have, too, and
rows of their own.  Each row is run in a few of all nestings, for most of it has been seen inside VXLAN; the streams of
gro_streams.py go through more.

GENEVE has no options here: see kernel_offload.py.  In OPTIONS it has some, and only our outcomes are known.
"""
import dataclasses
import re

import gro_rows_vxlan
from gro_rows import OVERTAKEN, PADDING, apart, both, first, joins, second, wider
from tunnel_gen import geneve_option

IN_GENEVE = ("tcp4_in_geneve4", "udp6_in_geneve6_zero")
IN_OPTIONS = ("tcp4_in_geneveopt6", "tcp6_in_geneveopt4_zero", "udp4_in_geneveopt4", "udp6_in_geneveip6", "tcp4_in_geneveip4")
IN_IP = ("tcp4_in_gre6",)
IN_KEY = ("udp6_in_nvgre4", "tcp4_in_grekey6")
IN_SUM = ("tcp6_in_gresum4",)
IN_GRE = (*IN_IP, "udp6_in_nvgre4", *IN_SUM)

OF_VXLAN = re.compile("vxlan|^vni")
OF_UDP = re.compile("outer_(source_port|destination_port|checksum|udp_length)")
OF_PADDING = re.compile("^(inner|outer)_padding")
OF_ETHERNET = re.compile("^mac")


def old_kind(kind):
    """The kind of gro_rows_vxlan.py of the same inner and outer protocols."""
    inner, _, tunnel = kind.partition("_in_")
    digits = re.sub("^[a-z]+", "", tunnel)
    has_csum = digits.endswith("_zero") or tunnel.startswith("geneve") or "sum" in tunnel
    return f"{inner}_in_{digits}" + ("" if has_csum else "_zero")


def rows_for(kinds, *without):
    """The rows of VXLAN for these kinds."""
    out = []
    for row in gro_rows_vxlan.ROWS:
        mine = tuple(k for k in kinds if old_kind(k) in row.kinds and not (k in IN_IP and OF_ETHERNET.search(row.name)))
        if mine and not any(p.search(row.name) for p in without):
            out.append(dataclasses.replace(row, kinds=mine))
    return out


def tcp(kinds):
    return tuple(k for k in kinds if k.startswith("tcp"))


def udp(kinds):
    return tuple(k for k in kinds if k.startswith("udp"))


def options(*data):
    return b"".join(geneve_option(i, d) for i, d in enumerate(data))


GENEVE = rows_for(IN_GENEVE, OF_VXLAN) + [
    apart("vni", IN_GENEVE, second(vni=6)),
    apart("geneve_flags", IN_GENEVE, second(gn_flags=0x40)),
    joins("geneve_critical_on_both", IN_GENEVE, both(gn_flags=0x40)),
    apart("geneve_reserved_byte", IN_GENEVE, second(gn_reserved=7)),
    joins("geneve_reserved_on_both", IN_GENEVE, both(gn_reserved=7)),
]

OPTIONS = [
    joins("nothing_differs", IN_OPTIONS, both()),
    joins("options_on_both", IN_OPTIONS, both(gn_options=options(bytes(8), b""))),
    joins("all_options_on_both", IN_OPTIONS, both(gn_options=options(bytes(120), bytes(120)))),
    apart("options_second", IN_OPTIONS, both(first={"gn_options": b""}, second={"gn_options": options(b"")})),
    apart("options_bytes", IN_OPTIONS, both(first={"gn_options": options(b"\1\2\3\4")},
                                            second={"gn_options": options(b"\1\2\3\5")})),
    apart("options_length", IN_OPTIONS, both(first={"gn_options": options(b"\0\0\0\0")}, second={"gn_options": options(bytes(8))})),
    apart("inner_sequence", tcp(IN_OPTIONS), second(seq=lambda v: v + 1)),
    apart("inner_ttl", IN_OPTIONS, second(ttl=63)),
    apart("outer_ttl", IN_OPTIONS, second(outer_ttl=63)),
    apart("outer_checksum", tuple(k for k in IN_OPTIONS if "zero" not in k), second(outer_csum_xor=1)),
    apart("inner_checksum", IN_OPTIONS, second(csum_xor=1)),
]


GRE = rows_for(IN_GRE, OF_VXLAN, OF_UDP, OF_PADDING) + [
    apart("key", IN_KEY, second(outer_key=78)),
    apart("key_second", IN_GRE, both(first={"outer_key": None}, second={"outer_key": 0})),
    joins("key_0_on_both", IN_GRE, both(outer_key=0)),
    apart("gre_checksum_first", IN_SUM, first(outer_csum_xor=0x10)),
    apart("gre_checksum_second", IN_SUM, second(outer_csum_xor=0x10), OVERTAKEN),
    apart("gre_checksum_on_first_only", IN_SUM, second(outer_csum=False)),
    apart("gre_checksum_on_second_only", IN_SUM, first(outer_csum=False)),
    apart("number_on_both", IN_GRE, both(first={"outer_number": 1}, second={"outer_number": 2})),
    apart("number_second", IN_GRE, second(outer_number=1), OVERTAKEN, OVERTAKEN),  # another tunnel, as is what follows
    apart("version_1_second", IN_GRE, second(outer_more_flags=1), OVERTAKEN, OVERTAKEN),
    apart("reserved_flag_on_both", IN_GRE, both(outer_more_flags=0x0800)),
    apart("routing_second", IN_GRE, second(outer_more_flags=0x4000), OVERTAKEN, OVERTAKEN),
    wider("inner_padding_first", IN_GRE, first(inner_pad=6), PADDING),
    wider("inner_padding_second_tcp", tcp(IN_GRE), second(plen=1, inner_pad=5), PADDING),
    wider("inner_padding_second_udp", udp(IN_GRE), second(plen=1, inner_pad=5), PADDING, OVERTAKEN),
    wider("outer_padding_second_tcp", tcp(IN_GRE), second(plen=1, pad=5), PADDING),
]
