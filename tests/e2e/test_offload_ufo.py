# SPDX-License-Identifier: BSD-3-Clause
"""Our fragments of UDP datagrams (UFO) beside those that the kernel makes of the same super-frames, byte by byte, and given
to the kernel to put together.

What may differ: the identification of IPv6 fragments, which each engine chooses; it is one for all of a datagram.  The
kernel cuts where gso_size says, even where no fragment can end; ours goes down to a multiple of 8: such datagrams are for
the receiver alone, and so are those with IPv6 extension headers, whose length Linux 6.18 counts as payload in the offset
of every fragment but the first.  Inside tunnels, where nobody can give the kernel such a super-frame, tshark puts them
together.
"""
import judge
import offload_cli
import pytest
import tunnel_gen
from both_gro import frames
from frame_gen import FRAGMENT, HOPOPTS, QINQ, ROUTING, VLAN, Gen, as_ufo, fold, padn, routing
from kernel_offload import KernelOffload
from kernel_reassembly import KernelReassembly

SHAPES = ("flat", "cut", "shared", "exact")
UDP_HLEN = 8
HOP, ROUTE = (HOPOPTS, padn(0, 8)), (ROUTING, routing(0))
SIZES = {  # of what is behind the IP headers, and of a fragment
    "two": (2960, 1480), "one_over": (2961, 1480), "one_short": (2959, 1480), "tail_1": (1481, 1480), "small": (200, 8),
    "header_alone_first": (50, 8), "jumbo": (30000, 8952), "largest": (None, 1480), "largest_halves": (None, 32768),
}
UNALIGNED = {"aligned_down": (5000, 1473), "odd": (9999, 777), "largest_odd": (None, 1447)}
FIELDS = {4: {"no_df": {"frag": 0}, "options": {"ip_options": bytes((1,)) * 8}, "id": {"id": 0xFFFF}},
          6: {"label": {"label": 0}}}
WITH_EXT = {"hop_by_hop": (HOP,), "routing": (ROUTE,), "hop_by_hop_routing": (HOP, ROUTE)}
ANY = {"ce_ttl": {"tos": 0xBB, "ttl": 9}, "vlan": {"vlans": ((VLAN, 0x6005),)}, "qinq": {"vlans": ((QINQ, 7), (VLAN, 5))}}


def datagrams(sizes):
    """{name: (Gen, fragment size)}"""
    out = {}
    for l3 in (4, 6):
        g = Gen(l3=l3, l4="udp", pos=l3)
        # what IP can hold: of IPv6 without the fragment header, or no receiver would take it
        largest = 65535 - 20 if l3 == 4 else 65535
        for name, (n, size) in sizes.items():
            out[f"{name}-{l3}"] = g.edit(plen=(n or largest) - UDP_HLEN), size
        for name, edit in (FIELDS[l3] | ANY).items():
            size = next(iter(sizes.values()))[1]
            out[f"{name}-{l3}"] = g.edit(plen=5000, **edit), size
    return out


ALIGNED = datagrams(SIZES)
ALL = ALIGNED | {name: case for name, case in datagrams(UNALIGNED).items() if name.split("-")[0] in UNALIGNED} | {
    name: (Gen(l3=6, l4="udp", plen=5000, ext=ext), 1480) for name, ext in WITH_EXT.items()}


@pytest.fixture(scope="module")
def ours():
    """{shape: {name: frames}}"""
    records = [g.ufo(size) for g, size in ALL.values()]
    return {s: dict(zip(ALL, map(frames, offload_cli.gso(records, s, i)))) for i, s in enumerate(SHAPES)}


def ident_at(frame):
    """Where the identification of an IPv6 fragment is; 0: it is none."""
    l3 = tunnel_gen.l3_off(frame)
    if frame[l3] >> 4 == 4:
        return 0
    proto, at = frame[l3 + 6], l3 + 40
    while proto != FRAGMENT:
        proto, at = frame[at], at + 8 * (frame[at + 1] + 1)
    return at + 4


def without_ident(fragments):
    at = ident_at(fragments[0])
    if not at:
        return fragments
    assert len({f[at:at + 4] for f in fragments}) == 1
    return [f[:at] + bytes(4) + f[at + 4:] for f in fragments]


@pytest.fixture(scope="module")
def theirs():
    """{name: frames}"""
    with KernelOffload() as k:
        return dict(zip(ALIGNED, k.gso([g.ufo(size) for g, size in ALIGNED.values()])))


@pytest.mark.parametrize("name", ALIGNED)
def test_fragments_are_the_kernels(ours, theirs, name):
    g, size = ALIGNED[name]
    assert len(theirs[name]) == -(-(UDP_HLEN + g.plen) // size)
    for shape in SHAPES:
        assert without_ident(ours[shape][name]) == without_ident(theirs[name]), shape


# ---- put together again ----


@pytest.fixture(scope="module")
def receiver():
    with KernelReassembly() as k:
        yield k


@pytest.mark.parametrize("name", ALL)
def test_kernel_puts_them_together(receiver, ours, name):
    """In any order."""
    g, size = ALL[name]
    for shape, made in ours.items():
        assert len(made[name]) == -(-(UDP_HLEN + g.plen) // (size & ~7))
        assert receiver.datagrams(made[name]) == [g.payload()], shape
    assert receiver.datagrams(ours["flat"][name][::-1]) == [g.payload()]


def test_datagrams_do_not_mix(receiver):
    """Two datagrams of the same addresses, their fragments by turns: IPv6's identifications tell them apart."""
    both = [Gen(l3=6, l4="udp", plen=5000, pos=pos) for pos in (0, 9000)]
    a, b = map(frames, offload_cli.gso([g.ufo(1480) for g in both]))
    mixed = [f for pair in zip(a, b) for f in pair]
    assert sorted(receiver.datagrams(mixed)) == sorted(g.payload() for g in both)


def spoilt(frame, at, bits=1):
    return frame[:at] + bytes((frame[at] ^ bits,)) + frame[at + 1:]


FAULTS = {  # in one fragment of IPv4 / of IPv6: the byte behind the link's header
    "offset": (7, 43), "more_fragments": (6, 43), "identification": (5, 47), "length": (3, 5), "payload": (-1, -1),
}
BITS = {("more_fragments", 4): 0x20}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("l3", [4, 6])
def test_the_receiver_sees_a_fault(receiver, l3, fault):
    g = Gen(l3=l3, l4="udp", plen=5000, id=77, pos=123)
    good = frames(offload_cli.gso([g.ufo(1480)])[0])
    bits = BITS.get((fault, l3), 1 if fault == "more_fragments" else 8)
    at = FAULTS[fault][l3 == 6]
    bad = spoilt(good[1], at + 14 if at >= 0 else len(good[1]) + at, bits)
    if l3 == 4 and at >= 0:  # it must not be the IP checksum that tells
        bad = bad[:24] + bytes(2) + bad[26:]
        bad = bad[:24] + (0xFFFF ^ fold(bad[14:34])).to_bytes(2, "big") + bad[26:]
    assert receiver.datagrams([good[0], bad, *good[2:]]) == []


# ---- in tunnels ----

NESTED = [(l3, tunnel) for l3 in (4, 6) for tunnel in ("4", "6_zero", "geneveopt6", "nvgre4", "gresum4", "gre6")]


@pytest.fixture(scope="module")
def nested():
    """(fragment, judge.Expected), four for each of NESTED."""
    some = [tunnel_gen.within(Gen(l3=l3, l4="udp", plen=5000, sport=60000 + i), t) for i, (l3, t) in enumerate(NESTED)]
    records = [as_ufo(t.super(1480)) for t in some]
    out = []
    for t, record, fragments in zip(some, records, offload_cli.gso(records, "cut", wire=True)):
        for i, f in enumerate(fragments):
            e = judge.of_segment(record, i)
            ids = e.ids[:-1] + (t.inner.id,) if t.inner.l3 == 4 else e.ids
            out.append((f.data, e._replace(ids=ids, layers=e.layers if i == len(fragments) - 1 else e.layers[:-1])))
    assert len(out) == 4 * len(NESTED)
    return out


def test_tshark_puts_them_together(nested, tmp_path):
    """All headers and checksums in front are right in each fragment, and the datagram's in the last one."""
    assert judge.tshark(str(tmp_path / "x.pcap"), *zip(*nested)) == []


def test_tshark_sees_a_fault(nested, tmp_path):
    """A byte of the second fragment: the datagram's checksum tells, if not one in front."""
    made, expected = zip(*nested)
    wrong = [spoilt(f, len(f) - 1) if i % 4 == 1 else f for i, f in enumerate(made)]
    complaints = judge.tshark(str(tmp_path / "x.pcap"), wrong, expected)
    assert {judge.index_of(c) // 4 for c in complaints} == set(range(len(NESTED)))
