# SPDX-License-Identifier: BSD-3-Clause
"""Only packets of configured remotes with a configured VNI get in; congestion marks are carried over; the rest counts."""
import json
import random
import time

import pytest
import rpc
from craft import Injector, eth, marker, sclp, udp4, vxlan
from netns import wait_for
from scale import scaled
from traffic import next_port, ping, ready, tcp_copy, tool

TRANSPORTS = {"vxlan-udp": {"transport": "udp", "mtu": 1450}, "sclp-udp": {}, "sclp-ip": {"carrier": "ip"}}
SRC = "02:00:00:00:aa:01"
STRANGER = "10.77.0.99"
CE, ECT0 = 3, 2


# Which transports a test is about; all of them without this.
only_sclp = pytest.mark.parametrize("target", ["sclp-udp", "sclp-ip"], indirect=True, scope="module")
only_plain = pytest.mark.parametrize("target", ["vxlan-udp"], indirect=True, scope="module")


@pytest.fixture(scope="module", params=TRANSPORTS)
def target(module_labs, request):
    """(lab, transport): host a's own tunnel stays silent enough; packets are made by hand in its namespace."""
    lab = module_labs.pair(**TRANSPORTS[request.param])
    lab.hosts[0].ip("addr", "add", STRANGER + "/24", "dev", "wire")
    return lab, request.param


def injector(target, **kw):
    lab, transport = target
    return Injector(lab.hosts[0], lab.hosts[1], transport, **kw)


def delivered(lab, send):
    """How many marker frames guest b sees while @send runs."""
    b = lab.guests[1]
    job = ready(b.start([*tool("raw.py"), "count", b.dev, SRC, "88b5"], name=f"raw-{next_port()}"))
    send()
    time.sleep(0.3)
    job.stop()
    return json.loads(job.output().splitlines()[-1])["frames"]


def test_configured_remote_and_vni_get_in(target):
    """The control of all tests below: the same frame, made the same way, is delivered."""
    lab, _ = target
    assert delivered(lab, injector(target).frame(vxlan(marker(SRC))).send) == 1


def test_unknown_remote(target):
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "tunnel_remote")
    inj = injector(target, source=STRANGER)
    for i in range(10):
        inj.frame(vxlan(marker(SRC, i)), ident=i)
    assert delivered(lab, inj.send) == 0
    rpc.wait_dropped(lab.hosts[1], "tunnel_remote", before + 10)


@pytest.mark.parametrize("vni", [0, 41, 43, 42 << 8, 0xFFFFFF])
def test_unknown_vni(target, vni):
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "tunnel_key")
    inj = injector(target)
    for i in range(10):
        inj.frame(vxlan(marker(SRC, i), vni), ident=100 + i)
    assert delivered(lab, inj.send) == 0
    rpc.wait_dropped(lab.hosts[1], "tunnel_key", before + 10)


def test_vxlan_without_vni_flag(target):
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "tunnel_header")
    assert delivered(lab, injector(target).frame(vxlan(marker(SRC), flags=0)).send) == 0
    rpc.wait_dropped(lab.hosts[1], "tunnel_header", before + 1)


def test_reserved_bits_are_ignored(target):
    """RFC 7348: reserved fields are ignored on receipt (over SCLP flag 0x40 makes them frame metadata)."""
    lab, _ = target
    assert delivered(lab, injector(target).frame(vxlan(marker(SRC), reserved=0x123456)).send) == 1


METADATA = (0x080000, 0x0805DC, 0x38FFFF, 0xC00000, 0x088000)


@only_sclp
@pytest.mark.parametrize("meta", METADATA, ids=hex)
def test_contradicting_metadata(target, meta):
    """Metadata that says TCP of a frame that is none, has unknown states or set zero bits."""
    lab, _ = target
    inj = injector(target).frame(vxlan(marker(SRC), flags=0x48, reserved=meta), ident=200)
    before = rpc.dropped(lab.hosts[1], "sclp_meta")
    assert delivered(lab, inj.send) == 0
    rpc.wait_dropped(lab.hosts[1], "sclp_meta", before + 1)


@only_plain
def test_no_metadata_in_plain_vxlan(target):
    """Flag 0x40 means nothing there, and neither do the bits behind it."""
    lab, _ = target
    for meta in METADATA:
        assert delivered(lab, injector(target).frame(vxlan(marker(SRC), flags=0x48, reserved=meta)).send) == 1


def test_short_packets(target):
    """Empty, shorter than the headers, or holding less than an Ethernet header: each is counted."""
    lab, _ = target
    before = rpc.dropped(lab.hosts[1])
    whole = vxlan(marker(SRC))
    inj = injector(target)
    for n in (1, 4, 7, 8, 9, 20, 21):
        inj.frame(whole[:n], ident=300 + n)
    for n in (1, 3, 7):
        inj.raw(whole[:n])
    assert delivered(lab, inj.send) == 0
    wait_for("ten counted drops", lambda: rpc.dropped(lab.hosts[1]) >= before + 10, 5)


def two_segments(ident):
    return sclp(vxlan(marker(SRC)), [30], ident, csum=True)


@only_sclp
def test_segments_by_hand(target):
    """Two segments, in order and the other way round, make one frame; one that comes twice makes no second."""
    lab, _ = target
    a, b = two_segments(400)
    assert delivered(lab, injector(target).raw(a).raw(b).send) == 1
    a, b = two_segments(401)
    assert delivered(lab, injector(target).raw(b).raw(a).send) == 1
    a, b = two_segments(402)
    assert delivered(lab, injector(target).raw(a).raw(a).raw(b).send) == 1


@only_sclp
def test_half_a_frame(target):
    """It is given up in time, and counted."""
    lab, _ = target
    lost = ("sclp_timeout", "sclp_overtaken")
    before = rpc.dropped(lab.hosts[1], *lost)
    assert delivered(lab, injector(target).raw(two_segments(410)[0]).send) == 0
    wait_for("the half frame to be given up", lambda: rpc.dropped(lab.hosts[1], *lost) > before, 5)


@only_sclp
def test_overlapping_segments(target):
    """A second segment that claims bytes the first one has, with another length: the whole frame is invalid."""
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "sclp_invalid")
    packet = vxlan(marker(SRC))
    a = sclp(packet, [30], 420, csum=True)[0]
    b = sclp(packet, [25], 420, csum=True)[1]
    assert delivered(lab, injector(target).raw(a).raw(b).send) == 0
    rpc.wait_dropped(lab.hosts[1], "sclp_invalid", before + 1)


@pytest.mark.parametrize("target", ["sclp-ip"], indirect=True, scope="module")
def test_wrong_sclp_checksum(target):
    """(Over UDP the checksum of UDP decides, which the kernel has looked at.)"""
    lab, _ = target
    seg = sclp(vxlan(marker(SRC)), ident=500, csum=True)[0]
    wrong = seg[:10] + bytes([seg[10] ^ 0x55]) + seg[11:]
    before = rpc.dropped(lab.hosts[1], "sclp_csum")
    assert delivered(lab, injector(target).raw(wrong).send) == 0
    rpc.wait_dropped(lab.hosts[1], "sclp_csum", before + 1)


@only_sclp
def test_unknown_sclp_port(target):
    """A frame type that nobody here knows."""
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "sclp_port")
    seg = sclp(vxlan(marker(SRC)), ident=510, dport=4790, csum=True)[0]
    assert delivered(lab, injector(target).raw(seg).send) == 0
    rpc.wait_dropped(lab.hosts[1], "sclp_port", before + 1)


def tos_seen(target, inner_tos, outer_tos, sizes=()):
    """The TOS byte that guest b gets of a datagram sent to it with @inner_tos in packets of @outer_tos; None: lost."""
    lab, _ = target
    b, port = lab.guests[1], next_port()
    mac = b.run(["cat", f"/sys/class/net/{b.dev}/address"]).stdout.strip()
    job = ready(b.start([*tool("tos.py"), port], name=f"tos-{port}"))
    packet = udp4("10.78.0.1", b.ip4, 1234, port, b"x" * 200, inner_tos)
    ident = random.getrandbits(31)
    injector(target).frame(vxlan(eth(mac, SRC, 0x0800, packet)), sizes, outer_tos, ident).send()
    job.wait(5)
    return json.loads(job.output().splitlines()[-1])


@pytest.mark.parametrize("inner,outer,result", [(0, 0, 0), (ECT0, ECT0, ECT0), (ECT0, CE, CE), (1, CE, CE), (CE, 0, CE),
                                                (0xB8 | ECT0, 0xB8 | CE, 0xB8 | CE), (0xB8 | ECT0, 0x28 | ECT0, 0x28 | ECT0)])
def test_marks_reach_the_guest(target, inner, outer, result):
    """RFC 6040, figure 4: CE of the outer header is set on the inner one; RFC 2983, uniform model: the DSCP that the
    network left in the outer header is the inner one's."""
    assert tos_seen(target, inner, outer) == result


def test_fixed_dscp_leaves_the_inner_one(target):
    """Where the outer DSCP is not the guest's (`dscp: 10`), it is not given to the guest; a mark still is."""
    lab, _ = target
    rpc.call(lab.hosts[1], "tunnel.set", name="t0", dscp="10")
    try:
        assert tos_seen(target, 0xB8 | ECT0, 0x28 | CE) == 0xB8 | CE
    finally:
        rpc.call(lab.hosts[1], "tunnel.set", name="t0", dscp=None)


def test_mark_for_a_guest_that_cannot_take_it(target):
    """CE outside, Not-ECT inside: the packet is dropped, as its sender would react to no mark."""
    lab, _ = target
    before = rpc.dropped(lab.hosts[1], "tunnel_ecn")
    assert tos_seen(target, 0, CE) is None
    assert rpc.dropped(lab.hosts[1], "tunnel_ecn") == before + 1


@only_sclp
def test_mark_on_one_segment_marks_the_frame(target):
    for marked in range(3):
        tos = [CE if i == marked else ECT0 for i in range(3)]
        assert tos_seen(target, ECT0, tos, sizes=[100, 100]) == CE


def junk(rng, good):
    """Random bytes, or a good packet that is cut, flipped or grown."""
    if rng.random() < 0.4:
        return rng.randbytes(rng.choice((0, 1, rng.randrange(40), rng.randrange(1400))))
    data = bytearray(rng.choice(good))
    for _ in range(rng.randrange(6)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data[:rng.randrange(len(data) + 1)]) + rng.randbytes(rng.choice((0, 0, rng.randrange(300))))


def test_random_packets(target):
    """Thousands of random and damaged packets, from a stranger and from the remote: the daemon survives, what it drops
    it counts, and traffic goes on."""
    lab, transport = target
    rng, n = random.Random(4711), scaled(6000, with_sanitizers=3000)
    inner = [marker(SRC), eth(SRC, SRC, 0x0800, udp4("10.78.0.1", "10.78.0.2", 1, 2, b"x" * 900))]
    good = [vxlan(f, flags=fl, reserved=r) for f in inner for fl, r in ((8, 0), (0x48, 0x0805DC), (0x48, 0x800000))]
    if transport != "vxlan-udp":
        good = [s for i, g in enumerate(good) for s in sclp(g, [20, 20], ident=i, csum=True)]
    before = rpc.dropped(lab.hosts[1])
    for source in (lab.hosts[0].ip4, STRANGER):
        inj = injector(target, source=source)
        for _ in range(n):
            inj.raw(junk(rng, good))
        inj.send()
    wait_for("the drops to be counted", lambda: rpc.dropped(lab.hosts[1]) > before + n, 20)
    a, b = lab.guests
    assert ping(a, b.ip4, 5) == 5
    tcp_copy(lab, a, b, b.ip4, 1 << 20)
