# SPDX-License-Identifier: BSD-3-Clause
"""Super-frames inside tunnels for segmentation, as gso_cases.py has plain ones: {name: Record}."""
import random

import gso_cases
import tunnel_gen
from frame_gen import DF, VLAN

VXLAN = ("4", "6", "4_zero", "6_zero")
GENEVE = tuple(f"{g}{l3}" for g in ("geneve", "geneveopt", "geneveip") for l3 in ("4", "6", "4_zero", "6_zero"))
GRE = tuple(f"{g}{l3}" for g in ("gre", "grekey", "gretap", "nvgre") for l3 in ("4", "6"))
GRE_SUM = ("gresum4", "gresum6")
FEW = (*VXLAN, "geneve4", "geneveopt6", "geneveopt4_zero", "geneveip6_zero", "gre6", "grekey4", "gretap4", "nvgre6")

OF_VXLAN = (("group", {"vx_flags": 0x88000123}), ("reserved", {"vx_reserved": 0xFF}))
OF_GENEVE = (("critical", {"gn_flags": 0x40}), ("reserved", {"gn_reserved": 0xFF}),
             ("all_options", {"gn_options": tunnel_gen.geneve_option(3, bytes(120)) * 2 + tunnel_gen.geneve_option(4, b"")}))
OF_GRE = (("key_0", {"outer_key": 0}), ("numbered", {"outer_number": 0xFFFFFFFF}))


def outer_fields(g):
    """(name, the fields that differ)"""
    yield from (("outer_ce", {"outer_tos": 3}), ("outer_dscp_ttl", {"outer_tos": 0xB8, "outer_ttl": 1}),
                ("outer_vlan", {"outer_vlans": ((VLAN, 0x6005),)}))
    yield from {tunnel_gen.Vxlan: OF_VXLAN, tunnel_gen.Geneve: OF_GENEVE, tunnel_gen.Gre: OF_GRE}[type(g)]
    if g.outer.l3 == 4:
        yield from (("outer_no_df", {"outer_frag": 0}), ("outer_id_wraps", {"outer_id": 0xFFFD}),
                    ("outer_ip_options", {"outer_ip_options": bytes((1,)) * 8}))
    else:
        yield "outer_ext_headers", {"outer_ext": gso_cases.EXT[::2]}


def random_around(rng, inner, tunnels):
    g = tunnel_gen.within(inner, rng.choice(tunnels))
    g = g.edit(outer_tos=rng.randrange(256), outer_ttl=rng.randrange(1, 256), outer_id=rng.randrange(1 << 16),
               outer_frag=rng.choice((0, DF)), outer_label=rng.randrange(1 << 20), outer_addr=rng.randrange(1, 250),
               outer_sport=rng.randrange(49152, 65536), outer_vlans=rng.choice(((), (), ((VLAN, rng.randrange(1 << 16)),))))
    if isinstance(g, tunnel_gen.Gre):
        return g.edit(outer_key=rng.choice((None, rng.getrandbits(32))))
    return g.edit(vni=rng.randrange(1 << 24))


def random_case(seed, tunnels):
    rng = random.Random(seed)
    return gso_cases.random_case(rng, lambda g: random_around(rng, g, tunnels))


def kinds(tunnels):
    return [f"{l4}{l3}_in_{tunnel}" for l4, l3 in gso_cases.KINDS for tunnel in tunnels]


def cases(tunnels, n_random):
    """@tunnels: by their names in tunnel_gen.py."""
    out = {}
    for kind in kinds(tunnels):
        g = tunnel_gen.of_kind(kind)
        out |= gso_cases.cases_of(g, kind, outer_fields(g))
    return out | {f"random-{seed}": random_case(seed, tunnels) for seed in range(n_random)}
