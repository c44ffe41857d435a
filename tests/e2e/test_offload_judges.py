# SPDX-License-Identifier: BSD-3-Clause
"""tshark and scapy judge what our GSO and GRO make, plain and in every tunnel: each header, length and checksum on each
level, identifications, sequence numbers, TSNs.

Of what the kernel does not know (STT, SCLP) or cannot be given here (SCTP super-frames, GRE with checksums; see the other
tests of the offload engine), they are the only judges; but its connection tracking knows what SCTP packets are good.  tshark
puts STT frames together and looks into them.  Of SCLP it sees the UDP around it.
"""
import collections

import gso_cases
import gso_cases_tunnel
import judge
import offload_cli
import pytest
import tunnel_gen
from both_gro import frames
from frame_gen import Gen
from kernel_conntrack import KernelConntrack
from own_gen import Heartbeat, Sclp, Sctp, Stt, room
from scale import scaled

TUNNELS = {"vxlan": gso_cases_tunnel.VXLAN, "geneve": gso_cases_tunnel.GENEVE, "gre": gso_cases_tunnel.GRE,
           "gre_with_checksum": gso_cases_tunnel.GRE_SUM}
NAMES = ("plain", *TUNNELS)
MTU_PAYLOAD = 1432
Judged = collections.namedtuple("Judged", "frames expected")


def ends(segments):
    """The first two and the last one: (index, frame)."""
    n = len(segments)
    return [(i, segments[i].data) for i in sorted({0, 1, n - 1} & set(range(n)))]


@pytest.fixture(scope="module")
def segments():
    """{name: Judged}"""
    out = {}
    for name in NAMES:
        n = scaled(100, 50)
        cases = gso_cases_tunnel.cases(TUNNELS[name], n) if name != "plain" else gso_cases.cases(n)
        made = zip(cases.values(), offload_cli.gso(cases.values(), "cut", wire=name != "plain"))
        pairs = [(f, judge.of_segment(r, i)) for r, got in made for i, f in ends(got)]
        assert len(pairs) > len(cases)
        out[name] = Judged(*zip(*pairs))
    return out


def named(complaints):
    """The frames that are complained about, by index."""
    return {judge.index_of(c) for c in complaints}


@pytest.mark.parametrize("name", NAMES)
def test_tshark_finds_nothing(segments, name, tmp_path):
    assert judge.tshark(str(tmp_path / "x.pcap"), *segments[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_scapy_makes_the_same(segments, name):
    """Of every frame, or of so many of each layering that it takes seconds."""
    limit, seen, some = scaled(100, 40), collections.Counter(), []
    for frame, expected in zip(*segments[name]):
        seen[expected.layers] += 1
        if seen[expected.layers] <= limit:
            some.append(frame)
    assert judge.scapy(some) == []


# ---- the judges are awake ----


def spoilt(frame, at, bits=1):
    return frame[:at] + bytes((frame[at] ^ bits,)) + frame[at + 1:]


def length_at(frame, l3):
    return l3 + (3 if frame[l3] >> 4 == 4 else 5)


FAULTS = {  # of a frame with a tunnel: where is what
    "payload": lambda frame, inner: spoilt(frame, len(frame) - 1),
    "outer_length": lambda frame, inner: spoilt(frame, length_at(frame, inner.outer_l3)),
    "outer_addresses": lambda frame, inner: spoilt(frame, inner.outer_l3 + 15),
    "tunnel_length_or_type": lambda frame, inner: spoilt(frame, inner.tunnel + (5 if inner.is_udp else 3)),
    "inner_length": lambda frame, inner: spoilt(frame, length_at(frame, inner.l3)),
    "inner_checksum": lambda frame, inner: spoilt(frame, inner.l3 + (10 if frame[inner.l3] >> 4 == 4 else 56), 0x80),
    "cut_short": lambda frame, inner: frame[:-1],
}
KINDS = ["tcp4_in_4", "tcp6_in_geneve6", "udp4_in_geneveip4_zero", "tcp4_in_gre4", "tcp6_in_gresum4", "udp4_in_nvgre4"]


@pytest.fixture(scope="module")
def trios():
    """Good segments, three of each kind: (frame, Expected)."""
    records = [tunnel_gen.of_kind(kind).edit(plen=3000).super(1000) for kind in KINDS]
    made = zip(records, offload_cli.gso(records, wire=True))
    return [(s.data, judge.of_segment(record, i)) for record, segs in made for i, s in enumerate(segs)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(trios, fault, tmp_path):
    """In the second of each three frames: tshark names them all and no others; scapy too, but where it is a matter of
    meaning."""
    good, expected = zip(*trios)
    bad = [FAULTS[fault](f, tunnel_gen.inner(f)) if i % 3 == 1 else f for i, f in enumerate(good)]
    spoilt_ones = set(range(1, len(good), 3))
    assert named(judge.tshark(str(tmp_path / "x.pcap"), bad, expected)) == spoilt_ones
    if fault != "tunnel_length_or_type":
        assert named(judge.scapy(bad)) == spoilt_ones


def test_a_repeated_segment_is_seen(trios, tmp_path):
    """Right by itself; but what counts is as in the one before."""
    good, expected = zip(*trios)
    bad = [good[i - 1] if i % 3 == 1 else f for i, f in enumerate(good)]
    complaints = judge.tshark(str(tmp_path / "x.pcap"), bad, expected)
    assert named(complaints) == {i for i in range(1, len(good), 3) if expected[i].ids or expected[i].seq}
    assert sum("identifications" in c for c in complaints) == sum(1 for e in expected[1::3] if e.ids)
    assert sum("sequence number" in c for c in complaints) == sum(1 for e in expected[1::3] if e.seq)


# ---- SCTP ----

SCTP_SIZES = {
    "two": (1000, 1000), "full": (MTU_PAYLOAD - 16,) * 5, "one_over": (708, 709) * 4, "small": tuple(range(1, 60)),
    "mixed": (100, 101, 102, 103, 1000, 1000, 1396, 4, 800, 600), "long": (1400,) * 20,
}


@pytest.fixture(scope="module")
def sctp():
    """{name: the packet that is cut}"""
    plain = {f"{name}-{l3}": Sctp(l3=l3, sizes=sizes) for name, sizes in SCTP_SIZES.items() for l3 in (4, 6)}
    return plain | {f"{name}-in-{t}": tunnel_gen.within(g, t) for name, g in plain.items() for t in ("4", "geneve6", "nvgre4")}


def of_packet(g, frame):
    """What an SCTP packet has to be, and is in @frame."""
    inner = getattr(g, "inner", g)
    ids = tuple(x.id for x in ((g.outer, inner) if inner is not g else (g,)) if x.l3 == 4)
    return judge.Expected(judge.layers(frame), ids, "", inner.tsns())


def sctp_cut(g):
    """The packets that GSO has to make, by chunks that we packed ourselves."""
    if isinstance(g, Sctp):
        return g.cut(MTU_PAYLOAD)
    return [g.edit(sizes=x.sizes, tsn=x.tsn, id=x.id, pos=x.pos, outer_id=g.outer.id + i & 0xFFFF)
            for i, x in enumerate(g.inner.cut(MTU_PAYLOAD))]


def test_sctp_gso(sctp, tmp_path):
    """Whole chunks, as many as fit, TSNs in sequence: what we put together by hand, and the judges find nothing."""
    packets = [p for g in sctp.values() for p in sctp_cut(g)]
    wire = [p.frame() for p in packets]
    for i, shape in enumerate(("flat", "cut", "shared", "exact")):
        made = offload_cli.gso([g.super(MTU_PAYLOAD) for g in sctp.values()], shape, i, wire=True)
        assert [f for out in made for f in frames(out)] == wire, shape
    assert judge.tshark(str(tmp_path / "x.pcap"), wire, list(map(of_packet, packets, wire))) == []
    assert judge.scapy(wire) == []


def joins(packets):
    """None is larger than the first one, and none has room for the next one's first chunk: they can be cut again."""
    first, *_ = some = [getattr(p, "inner", p) for p in packets]
    return all(b.plen <= first.plen < a.plen + room(b.sizes[0]) for a, b in zip(some, some[1:]))


def test_sctp_gro(sctp, tmp_path):
    """Full packets become one again: all chunks, in order, in a packet that the judges find right."""
    joining = {name: g for name, g in sctp.items() if joins(sctp_cut(g))}
    assert 0 < len(joining) < len(sctp)
    batches = {name: [p.frame() for p in sctp_cut(g)] for name, g in sctp.items()}
    got = dict(zip(batches, offload_cli.gro(batches.values(), "sctp", wire=True)))
    for name, g in joining.items():
        assert got[name] == [g.super(len(batches[name][0]) - g.pay_off)], name
    assert not [name for name in sctp.keys() - joining.keys() if len(got[name]) == 1]
    whole = [got[name][0]._replace(vnet=got[name][0].vnet._replace(gso_type=0)) for name in joining]
    paid = [f for out in offload_cli.gso(whole, wire=True) for f in frames(out)]
    assert judge.tshark(str(tmp_path / "x.pcap"), paid, list(map(of_packet, joining.values(), paid))) == []
    assert judge.scapy(paid) == []


@pytest.fixture(scope="module")
def conntrack():
    with KernelConntrack() as k:
        beats = [Heartbeat(l3=l3).frame() for l3 in (4, 6)]
        assert k.good_and_bad(beats) == (len(beats), 0)
        yield k


def test_kernel_takes_our_sctp(conntrack, sctp):
    """Segments, and packets as GRO joins them."""
    plain = [g for g in sctp.values() if isinstance(g, Sctp)]
    cut = [f for out in offload_cli.gso([g.super(MTU_PAYLOAD) for g in plain]) for f in frames(out)]
    whole = [f for out in offload_cli.gso([g.whole() for g in plain]) for f in frames(out)]
    assert conntrack.good_and_bad(cut) == (len(cut), 0)
    assert conntrack.good_and_bad(whole) == (len(plain), 0)


SCTP_FAULTS = {
    "checksum": lambda g: g.edit(csum_xor=0x100).frame(),
    "payload": lambda g: spoilt(g.frame(), len(g.frame()) - 5),
    "chunk_length": lambda g: spoilt(g.frame(), g.pay_off + 3, 4),
    "tsn": lambda g: g.edit(tsn=7).frame(),
}


@pytest.mark.parametrize("fault", SCTP_FAULTS)
def test_an_sctp_fault_is_seen(conntrack, fault, tmp_path):
    good = Sctp(sizes=(100, 200, 300))
    wire = [good.frame(), SCTP_FAULTS[fault](good), good.frame()]
    assert named(judge.tshark(str(tmp_path / "x.pcap"), wire, [of_packet(good, good.frame())] * 3)) == {1}
    if fault != "tsn":
        assert named(judge.scapy(wire)) == {1}
        assert conntrack.good_and_bad(wire) == (2, 1)


# ---- opaque frames ----


@pytest.fixture(scope="module")
def in_stt():
    """Super-frames of STT, and the frames in them."""
    inner = [Gen(l3=l3, l4=l4, plen=plen) for l3 in (4, 6) for l4 in ("tcp", "udp") for plen in (9000, 1501, 60000)]
    return [(Stt(l3=l3, ack=i).of(g.frame()), g) for i, g in enumerate(inner) for l3 in (4, 6)]


def test_stt_gso_is_tcp_by_its_looks(in_stt, tmp_path):
    records = [g.super(1448) for g, _ in in_stt]
    made = [frames(out) for out in offload_cli.gso(records, "cut", wire=True)]
    expected = [judge.of_segment(r, i) for r, segs in zip(records, made) for i in range(len(segs))]
    wire = [f for segs in made for f in segs]
    assert judge.tshark(str(tmp_path / "x.pcap"), wire, expected) == []
    assert judge.scapy(wire) == []


def of_stt(g, inner, n):
    """What the @n segments are to who knows STT: the last one completes the frame."""
    out = []
    for i in range(n):
        e = judge.of_segment(g.super(1448), i)
        out.append(e._replace(layers=(e.layers[0], "stt"), seq=""))
    last, e = out[-1], judge.of_segment(inner.super(0), 0)
    out[-1] = judge.Expected(last.layers + e.layers, last.ids + e.ids, e.seq)
    return out


def test_stt_gso_is_put_together(in_stt, tmp_path):
    made = [frames(out) for out in offload_cli.gso([g.super(1448) for g, _ in in_stt], wire=True)]
    expected = [e for (g, inner), segs in zip(in_stt, made) for e in of_stt(g, inner, len(segs))]
    wire = [f for segs in made for f in segs]
    assert judge.tshark(str(tmp_path / "x.pcap"), wire, expected, judge.STT) == []
    lost = [f for i, f in enumerate(wire) if i != 1]
    assert judge.tshark(str(tmp_path / "x.pcap"), lost, [e for i, e in enumerate(expected) if i != 1], judge.STT)


def test_stt_gro(in_stt):
    """The super-frame again, but for the length that counts from its first segment."""
    batches = [frames(out) for out in offload_cli.gso([g.super(1448) for g, _ in in_stt], wire=True)]
    for (g, _), trains in zip(in_stt, offload_cli.gro(batches, "stt", wire=True)):
        assert [t._replace(vnet=t.vnet._replace(hdr_len=0)) for t in trains] == \
            [g.super(1448)._replace(vnet=g.super(1448).vnet._replace(hdr_len=0))]


@pytest.mark.parametrize("l3", [4, 6])
def test_sclp_gso_is_good_udp(l3, tmp_path):
    record = Sclp(l3=l3).of(Gen(plen=60000).frame()).super(1448)
    segs = frames(offload_cli.gso([record], "cut", wire=True)[0])
    assert len(segs) == -(-(len(record.data) - record.vnet.hdr_len) // 1448)
    assert judge.tshark(str(tmp_path / "x.pcap"), segs, [judge.of_segment(record, i) for i in range(len(segs))]) == []
    assert judge.scapy(segs) == []
