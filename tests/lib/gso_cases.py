# SPDX-License-Identifier: BSD-3-Clause
"""Super-frames for segmentation: {name: Record}."""
import random

from frame_gen import (ACK, CWR, DF, DSTOPTS, ECE, FIN, GSO_ECN, GSO_TCP4, GSO_TCP6, GSO_UDP_L4, HOPOPTS, PSH, QINQ,
                       ROUTING, URG, VLAN, Gen, padn, routing, timestamp)

KINDS = [(l4, l3) for l4 in ("tcp", "udp") for l3 in (4, 6)]
SIZE = 1448
IP_MAX = 65535
UDP_TRAIN_MAX = 64  # datagrams of a random case: how many more the kernel takes depends on its version
EXT = (HOPOPTS, padn(1)), (ROUTING, routing(0)), (DSTOPTS, padn(2, 24))


def lengths(g):
    """{name: (payload bytes, segment size)}"""
    largest = IP_MAX - (g.pay_off - g.l3_off)
    outer = getattr(g, "outer", g)
    out = {
        "exact": (10 * SIZE, SIZE), "one_over": (10 * SIZE + 1, SIZE), "one_short": (10 * SIZE - 1, SIZE),
        "two": (2 * SIZE, SIZE), "two_tail_1": (SIZE + 1, SIZE), "odd": (9999, 777), "odd_tail_1": (1555, 777),
        "two_bytes": (2, 1), "bytes": (50, 1), "largest": (largest, SIZE), "largest_jumbo": (largest, 8948),
        "largest_halves": (largest, 32000), "one_segment": (SIZE, SIZE), "less_than_one": (SIZE - 1, SIZE),
    }
    if outer.l3 == 6:
        out["largest_payload_length"] = IP_MAX - (g.pay_off - outer.l4_off), SIZE
    if g.l4 == "udp":
        out["datagrams_64"], out["datagrams_65"] = (64 * 100, 100), (64 * 100 + 1, 100)
    return out


def fields(g):
    """{name: the fields that differ}"""
    out = {"ce": {"tos": 3}, "dscp_ttl": {"tos": 0xB8, "ttl": 1}, "vlan": {"vlans": ((VLAN, 0x6005),)},
           "qinq": {"vlans": ((QINQ, 7), (VLAN, 0x2005))}}
    if g.l3 == 4:
        out |= {"no_df": {"frag": 0}, "id_wraps": {"id": 0xFFFD}, "id_wraps_no_df": {"id": 0xFFFD, "frag": 0},
                "ip_options": {"ip_options": bytes((1,)) * 8}}
    else:
        out |= {"hop_by_hop": {"ext": EXT[:1]}, "routing": {"ext": EXT[1:2]}, "destination": {"ext": EXT[2:]},
                "three_ext_headers": {"ext": EXT}, "no_label": {"label": 0},
                "vlan_ext": {"ext": EXT[2:], "vlans": ((VLAN, 1),)}}
    if g.l4 == "tcp":
        out |= {"psh": {"flags": ACK | PSH}, "fin": {"flags": ACK | FIN}, "psh_fin": {"flags": ACK | PSH | FIN},
                "cwr": {"flags": ACK | CWR}, "cwr_ece_psh": {"flags": ACK | CWR | ECE | PSH}, "ece": {"flags": ACK | ECE},
                "urgent": {"flags": ACK | URG, "urgent": 100}, "reserved": {"reserved": 1},
                "timestamp": {"options": timestamp(5)}, "options_40": {"options": bytes((1,)) * 40},
                "seq_wraps": {"seq": 0xFFFFF000}, "all_flags": {"flags": ACK | CWR | ECE | PSH | FIN | URG},
                "timestamp_vlan": {"options": timestamp(9), "vlans": ((VLAN, 77),)}}
    return out


def random_case(rng, around=lambda g: g):
    """A Record.  @around puts the packet into a tunnel."""
    l4, l3 = rng.choice(KINDS)
    g = Gen(l3=l3, l4=l4, pos=rng.randrange(1 << 16), tos=rng.randrange(256), ttl=rng.randrange(1, 256),
            id=rng.randrange(1 << 16), frag=rng.choice((0, DF)), label=rng.randrange(1 << 20),
            vlans=rng.choice(((), (), ((VLAN, rng.randrange(1 << 16)),))), seq=rng.getrandbits(32),
            ack=rng.getrandbits(32), window=rng.randrange(1 << 16), sport=rng.randrange(50001, 60000),
            flags=ACK | rng.choice((0, PSH, FIN, PSH | FIN)) | rng.choice((0, 0, CWR, ECE, CWR | ECE)),
            options=rng.choice((b"", timestamp(rng.getrandbits(32)), bytes((1,)) * 4 * rng.randrange(11))),
            ext=tuple(x for x in EXT if l3 == 6 and rng.random() < 0.2), addr=rng.randrange(1, 250))
    g = around(g)
    size = rng.choice((rng.randrange(1, 100), rng.randrange(100, 1500), SIZE, rng.randrange(1400, 9000)))
    most = min(UDP_TRAIN_MAX * size if l4 == "udp" else 40 * size, IP_MAX - (g.pay_off - g.l3_off))
    # More than one segment: the kernel takes TCP's options for payload when it looks whether there is anything to cut.
    plen = rng.choice((rng.randint(size + 1, most), most // size * size, most // size * size - 1))
    return g.edit(plen=plen).super(size)


def cases_of(g, kind, more=()):
    """{name: Record}; @more: (name, fields) of other cases."""
    out = {f"{name}-{kind}": g.edit(plen=plen, flags=ACK | PSH).super(size) for name, (plen, size) in lengths(g).items()}
    for name, edit in (*fields(g).items(), *more):
        out[f"{name}-{kind}"] = g.edit(plen=4 * SIZE + 99, **edit).super(SIZE)
    return out


def cases(n_random):
    out = {}
    for l4, l3 in KINDS:
        g = Gen(l3=l3, l4=l4)
        out |= cases_of(g, f"{l4}{l3}")
        if l4 == "tcp":
            record = g.edit(plen=4 * SIZE, flags=ACK | CWR).super(SIZE)
            vnet = record.vnet._replace(gso_type=record.vnet.gso_type & ~GSO_ECN)
            out[f"cwr_not_announced-{l4}{l3}"] = record._replace(vnet=vnet)
    return out | {f"random-{seed}": random_case(random.Random(seed)) for seed in range(n_random)}


def refused():
    """{name: Record} that no engine may cut."""
    tcp, udp = Gen(plen=9999).super(SIZE), Gen(l4="udp", plen=9999).super(SIZE)

    def but(record, **fields_):
        return record._replace(vnet=record.vnet._replace(**fields_))

    return {"no_size": but(tcp, gso_size=0), "tcp4_called_tcp6": but(tcp, gso_type=GSO_TCP6),
            "tcp_called_udp": but(tcp, gso_type=GSO_UDP_L4), "udp_called_tcp": but(udp, gso_type=GSO_TCP4),
            "unknown_type": but(tcp, gso_type=7), "udp_without_checksum": but(udp, flags=0, csum_start=0, csum_offset=0)}
