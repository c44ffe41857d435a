# SPDX-License-Identifier: BSD-3-Clause
"""Random streams for GRO: interleaved flows whose packets mostly continue each other, and now and then do not.

What gro_rows.py says only one of both engines merges is left out: after it they stand at different places of the
stream, and nothing could be compared.
"""
import random

from frame_gen import DF, DSTOPTS, ECE, FIN, MF, PSH, RST, SYN, URG, VLAN, Gen, padn, timestamp
from tunnel_gen import Geneve, Gre, Vxlan, within

N_FLOWS = 6  # the kernel holds 8 in each of 8 buckets: no flow has to leave for another
BURST_MAX = 12
ODD = 0.12  # of the packets

# One packet differs.  A function of (Gen, Random) -> fields.
ONE_ANY = (
    lambda g, r: {"tos": g.tos ^ r.choice((1, 2, 3, 4))},
    lambda g, r: {"ttl": g.ttl - 1},
    lambda g, r: {"csum_xor": 1 << r.randrange(16)},
    lambda g, r: {"plen": r.randrange(1, g.plen + 1)},
    lambda g, r: {"plen": g.plen + r.randrange(1, 100)},
    lambda g, r: {"mac": 9},
)
ONE_TCP = (
    lambda g, r: {"flags": g.flags | PSH},
    lambda g, r: {"flags": g.flags | PSH},
    lambda g, r: {"flags": g.flags | r.choice((FIN, SYN, RST, URG, ECE))},
    lambda g, r: {"plen": 0},
    lambda g, r: {"window": g.window ^ 1},
    lambda g, r: {"reserved": 1},
    lambda g, r: {"seq": (g.seq + r.choice((-1, 1, 5000))) & 0xFFFFFFFF},
    lambda g, r: {"options": bytes((1,)) * 4 * r.randrange(11)},
)
ONE_UDP = (lambda g, r: {"udp_csum": False}, lambda g, r: {"udp_len_add": -1}, lambda g, r: {"plen": 0})
ONE_4 = (
    lambda g, r: {"id": (g.id + r.choice((-1, 1, 7))) & 0xFFFF},
    lambda g, r: {"frag": g.frag ^ DF},
    lambda g, r: {"frag": MF},
    lambda g, r: {"ip_csum_xor": 1},
    lambda g, r: {"ip_options": bytes((1,)) * 4},
)
ONE_6 = (lambda g, r: {"label": g.label ^ 1}, lambda g, r: {"ext": ((DSTOPTS, padn(3)),)})


# The same of the headers in front, inside a tunnel.
ONE_OUTER = (
    lambda g, r: {"outer_tos": g.outer.tos ^ r.choice((1, 2, 3, 4))},
    lambda g, r: {"outer_ttl": g.outer.ttl - 1},
    lambda g, r: {"outer_csum_xor": 1 << r.randrange(16)},
    lambda g, r: {"outer_mac": 9},
    lambda g, r: {"outer_addr": 9},
)
ONE_UDP_TUNNEL = ONE_OUTER + (
    lambda g, r: {"inner_pad": 2},
    lambda g, r: {"outer_udp_csum": not g.outer.udp_csum},
    lambda g, r: {"vni": g.vni ^ 1},
)
ONE_TUNNEL = {
    Vxlan: ONE_UDP_TUNNEL + (lambda g, r: {"vx_reserved": 7},),
    Geneve: ONE_UDP_TUNNEL + (lambda g, r: {"gn_reserved": 7}, lambda g, r: {"gn_flags": 0x40}),
    Gre: ONE_OUTER + (lambda g, r: {"outer_key": 1}, lambda g, r: {"outer_number": 1}),
}


class Flow:
    def __init__(self, number, rng):
        self.rng = rng
        l3, l4 = rng.choice((4, 6)), rng.choice(("tcp", "tcp", "udp"))
        self.fixed_id = l3 == 4 and rng.random() < 0.4
        self.g = Gen(l3=l3, l4=l4, sport=50001 + number, addr=1 + rng.randrange(3), plen=rng.choice((1, 100, 1000, 1448)),
                     vlans=((VLAN, 5),) if rng.random() < 0.2 else (), pos=10000 * number, id=rng.randrange(1 << 16),
                     frag=DF if self.fixed_id or rng.random() < 0.5 else 0, seq=rng.getrandbits(32),
                     options=timestamp(rng.getrandbits(16)) if rng.random() < 0.5 else b"")
        self.odd = ONE_ANY + (ONE_TCP if l4 == "tcp" else ONE_UDP) + (ONE_4 if l3 == 4 else ONE_6)

    def packet(self):
        """The next one."""
        g = self.g
        if self.rng.random() < ODD:
            g = g.edit(**self.rng.choice(self.odd)(g, self.rng))
        self._advance(g.plen)
        return g

    def _advance(self, plen):
        rng, g = self.rng, self.g
        self.g = g.edit(seq=(g.seq + plen) & 0xFFFFFFFF, pos=g.pos + plen,
                        id=g.id if self.fixed_id else (g.id + 1) & 0xFFFF)
        if g.l4 == "tcp" and rng.random() < ODD / 3:  # from here on
            self.g = self.g.edit(**rng.choice((
                {"ack": g.ack + 1}, {"window": g.window + 1}, {"seq": (g.seq + 9000) & 0xFFFFFFFF},
                {"options": timestamp(rng.getrandbits(16)) if g.options else b""})))


class TunnelFlow:
    """What a Flow sends, inside one of @tunnels (tunnel_gen.py)."""

    def __init__(self, number, rng, tunnels):
        self.rng, self.inner = rng, Flow(number, rng)
        self.fixed_id = rng.random() < 0.4
        self.tunnel, self.id = rng.choice(tunnels), rng.randrange(1 << 16)
        self.outer = {"outer_sport": 50001 + number, "outer_addr": 1 + rng.randrange(2),
                      "outer_frag": DF if self.fixed_id or rng.random() < 0.5 else 0}

    def packet(self):
        g = within(self.inner.packet().edit(vlans=()), self.tunnel)  # see gro_rows_vxlan.py
        g = g.edit(outer_id=self.id, **self.outer)
        if self.rng.random() < ODD / 2:
            g = g.edit(**self.rng.choice(ONE_TUNNEL[type(g)])(g, self.rng))
        if not self.fixed_id:
            self.id = self.id + 1 & 0xFFFF
        return g


def stream(seed, n_packets):
    """[(flow number, Gen)]"""
    return _stream(seed, n_packets, Flow)


def tunnel_stream(seed, n_packets, tunnels):
    """[(flow number, Tunnel)]"""
    return _stream(seed, n_packets, lambda i, rng: TunnelFlow(i, rng, tunnels))


def _stream(seed, n_packets, kind):
    rng = random.Random(seed)
    flows = [kind(i, rng) for i in range(N_FLOWS)]
    out = []
    while len(out) < n_packets:
        i = rng.randrange(N_FLOWS)
        out += [(i, flows[i].packet()) for _ in range(rng.randrange(1, BURST_MAX))]
        if rng.random() < 0.1 and len(out) > 2:
            out[-1], out[-2] = out[-2], out[-1]
        if rng.random() < 0.05:
            out.append(out[-1])
    return out[:n_packets]
