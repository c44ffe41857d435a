# SPDX-License-Identifier: BSD-3-Clause
"""Super-frames inside VXLAN for segmentation, as gso_cases.py has plain ones: {name: Record}."""
import random

import gso_cases
from frame_gen import DF, VLAN
from tunnel_gen import Outer, Vxlan, of_kind

KINDS = [f"{l4}{l3}_in_{outer}" for l4, l3 in gso_cases.KINDS for outer in ("4", "6", "4_zero", "6_zero")]


def outer_fields(g):
    """(name, the fields that differ)"""
    yield from (("outer_ce", {"outer_tos": 3}), ("outer_dscp_ttl", {"outer_tos": 0xB8, "outer_ttl": 1}),
                ("outer_vlan", {"outer_vlans": ((VLAN, 0x6005),)}), ("group", {"vx_flags": 0x88000123}),
                ("reserved", {"vx_reserved": 0xFF}))
    if g.outer.l3 == 4:
        yield from (("outer_no_df", {"outer_frag": 0}), ("outer_id_wraps", {"outer_id": 0xFFFD}),
                    ("outer_ip_options", {"outer_ip_options": bytes((1,)) * 8}))
    else:
        yield "outer_ext_headers", {"outer_ext": gso_cases.EXT[::2]}


def random_outer(rng, inner):
    outer = Outer(l3=rng.choice((4, 6)), udp_csum=rng.random() < 0.5, tos=rng.randrange(256), ttl=rng.randrange(1, 256),
                  id=rng.randrange(1 << 16), frag=rng.choice((0, DF)), label=rng.randrange(1 << 20),
                  sport=rng.randrange(49152, 65536), addr=rng.randrange(1, 250),
                  vlans=rng.choice(((), (), ((VLAN, rng.randrange(1 << 16)),))))
    return Vxlan(outer, inner, vni=rng.randrange(1 << 24), vx_reserved=rng.choice((0, 0, 9)))


def random_case(seed):
    rng = random.Random(seed)
    return gso_cases.random_case(rng, lambda g: random_outer(rng, g))


def cases(n_random):
    out = {}
    for kind in KINDS:
        g = of_kind(kind)
        out |= gso_cases.cases_of(g, kind, outer_fields(g))
    return out | {f"random-{seed}": random_case(seed) for seed in range(n_random)}
