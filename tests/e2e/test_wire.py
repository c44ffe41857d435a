# SPDX-License-Identifier: BSD-3-Clause
"""What the outer packets look like, as tcpdump, tshark and a decoder of our own see them."""
import struct

import pytest
import rpc
from capture import Capture, checksum, no_csum_offload, sclp_frames, sclp_of, udp_checksum_good
from lab import VNI
from scale import MB
from traffic import ping, tcp_copy, udp_ask

TRANSPORTS = {"vxlan-udp": {"transport": "udp"}, "sclp-udp": {}, "sclp-ip": {"carrier": "ip"}}
FILTER = "udp port 4789 or udp port 4234 or proto 234"
PORTS = range(49152, 65536)


COMBINATIONS = [(t, f) for t in TRANSPORTS for f in (4, 6)]


def only(*transports):
    """Which transports a test is about; all of them without this."""
    chosen = [c for c in COMBINATIONS if c[0] in transports]
    return pytest.mark.parametrize("wire", chosen, ids=name, indirect=True, scope="module")


def name(combination):
    return f"{combination[0]}-{combination[1]}"


@pytest.fixture(scope="module", params=COMBINATIONS, ids=name)
def wire(module_labs, request):
    """(lab, transport, family); the kernel computes checksums before the wire."""
    transport, family = request.param
    lab = module_labs.pair(family=family, mtu=1430 if transport == "vxlan-udp" else 9000, **TRANSPORTS[transport])
    for host in lab.hosts:
        no_csum_offload(host)
    return lab, transport, family


def expression(family):
    return FILTER if family == 4 else "ip6 and (udp port 4789 or udp port 4234 or ip6 proto 234)"


@pytest.fixture(scope="module")
def capture(wire):
    """Everything that guest a sent in a few seconds of everything."""
    lab, _, family = wire
    a, b = lab.guests
    with Capture(lab.hosts[0], expression(family)) as cap:
        tcp_copy(lab, a, b, b.ip4, 2 * MB)
        udp_ask(a, b, b.ip4, [1, 500, 1400, 20000])
        ping(a, b.ip6, 3, 20000, df=False)
    assert len(cap.packets()) > 100
    return cap


def test_nothing_above_the_wire_mtu(capture):
    assert max(len(f) for f in capture.frames()) <= 1514
    assert max(p.l3_len for p in capture.packets()) <= 1500


def test_outer_headers(wire, capture):
    """TTL, no fragments; over SCLP the DF flag; addresses of the end points."""
    lab, transport, family = wire
    for p in capture.packets():
        assert p.ttl == 64 and p.proto in ((234,) if transport == "sclp-ip" else (17,))
        if transport != "vxlan-udp":
            assert p.df
    fields = capture.fields("ipv6.src" if family == 6 else "ip.src", "ipv6.dst" if family == 6 else "ip.dst")
    assert {tuple(f.values()) for f in fields} == {(lab.hosts[0].addr(family), lab.hosts[1].addr(family))}


@only("sclp-ip")
def test_sclp_checksums(capture):
    assert all(checksum(p.payload) == 0 and sclp_of(p).check for p in capture.packets())


@only("vxlan-udp", "sclp-udp")
def test_udp_checksums(capture):
    assert all(udp_checksum_good(p) for p in capture.packets())
    status = {f["udp.checksum.status"] for f in capture.fields("udp.checksum.status", decode=["udp.port==4789,data"])}
    assert status == {"1"}  # tshark: good


def test_source_ports_are_entropy(capture):
    sports = {struct.unpack("!H", p.payload[:2])[0] for p in capture.packets()}
    assert sports <= set(PORTS), sports


@only("vxlan-udp")
def test_tshark_decodes_vxlan(capture):
    rows = capture.fields("vxlan.vni", "vxlan.flags", filt="vxlan")
    assert len(rows) == len(capture.packets())
    assert {r["vxlan.vni"] for r in rows} == {str(VNI)} and {int(r["vxlan.flags"], 16) for r in rows} == {0x0800}
    assert not capture.fields("frame.number", filt="_ws.malformed")


@only("sclp-udp", "sclp-ip")
def test_sclp_segments(capture):
    """Every frame decodes: the chain of `remaining`, equal sizes, F on the first, and a VXLAN packet inside."""
    packets = capture.packets()
    frames = sclp_frames(packets)
    assert len(frames) > 20 and max(map(len, frames.values())) > 30000
    assert sum(len(f) for f in frames.values()) > 2 * MB
    for key, frame in frames.items():
        assert key[3] == 4789 and frame[0] & 0xBF == 0x08 and frame[4:7] == VNI.to_bytes(3, "big") and frame[7] == 0
    full = [p.l3_len for p in packets if sclp_of(p).first and sclp_of(p).remaining]
    assert set(full) == {1500}, set(full)


@only("sclp-udp", "sclp-ip")
def test_sclp_identifications(capture):
    """No identification is used twice."""
    seen = [(sclp_of(p).sport, sclp_of(p).ident) for p in capture.packets() if sclp_of(p).first]
    assert len(seen) == len(set(seen))


@only("sclp-udp")
def test_udp_carrier(capture):
    """The source port of UDP is that of SCLP, and SCLP's checksum is left to UDP."""
    for p in capture.packets():
        assert p.payload[:2] == struct.pack("!H", sclp_of(p).sport) and sclp_of(p).check == 0


def test_flows_spread_and_stay(wire):
    """Many flows use several source ports, one flow just one, or the network could not balance and keep order."""
    lab, _, family = wire
    a, b = lab.guests

    def sports(what):
        with Capture(lab.hosts[0], expression(family)) as cap:
            what()
        return {struct.unpack("!H", p.payload[:2])[0] for p in cap.packets() if len(p.payload) > 300}

    assert len(sports(lambda: [udp_ask(a, b, b.ip4, [1000]) for _ in range(16)])) >= 4
    assert len(sports(lambda: tcp_copy(lab, a, b, b.ip4, MB))) == 1


@pytest.mark.parametrize("tos", [0x00, 0xB8, 0x28, 0x02, 0x01, 0xBA])
def test_dscp_and_ecn_are_inherited(wire, tos):
    """RFC 2983 uniform model and RFC 6040: the outer byte is the inner one."""
    lab, _, family = wire
    a, b = lab.guests
    with Capture(lab.hosts[0], expression(family)) as cap:
        assert ping(a, b.ip4, 3, 700, extra=["-Q", hex(tos)]) == 3
    assert {p.tos for p in cap.packets() if p.l3_len > 700} == {tos}


def test_fixed_dscp(wire):
    """`dscp: 10` sets the outer class whatever is inside; ECN is still the inner one's."""
    lab, _, family = wire
    a, b = lab.guests
    rpc.call(lab.hosts[0], "tunnel.set", name="t0", dscp="10", ttl=7)
    try:
        with Capture(lab.hosts[0], expression(family)) as cap:
            assert ping(a, b.ip4, 3, 700, extra=["-Q", "0xba"]) == 3
        assert {(p.tos, p.ttl) for p in cap.packets() if p.l3_len > 700} == {(10 << 2 | 2, 7)}
    finally:
        rpc.call(lab.hosts[0], "tunnel.set", name="t0", dscp=None, ttl=None)
