# SPDX-License-Identifier: BSD-3-Clause
"""Three hosts, every tunnel with two remotes: flooding, learning, and no loop."""
import json
import time

import pytest
import rpc
from netns import wait_for
from traffic import ping, tcp_copy, tool, udp_ask

UNKNOWN, STATIC = "02:00:00:00:99:01", "02:00:00:00:99:02"
GROUP, NOBODY = "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:01"


@pytest.fixture(scope="module", params=["sclp-udp", "sclp-ip", "vxlan-udp"])
def mesh(module_labs, request):
    lab = module_labs.mesh(3)
    opts = {"sclp-udp": {}, "sclp-ip": {"carrier": "ip"}, "vxlan-udp": {"transport": "udp", "mtu": 1450}}
    lab.attach_all(**opts[request.param])
    lab.wait_mesh()
    return lab


def raw(guest, src, dst, n, size=100, ethertype="88b5"):
    """@n Ethernet frames, numbered, from @guest's interface."""
    guest.run([*tool("raw.py"), "send", guest.dev, src, dst, n, size, ethertype])


class Count:
    """How many of those frames arrive at a guest, each how often."""

    def __init__(self, guest, src, ethertype="88b5"):
        self.job = guest.start([*tool("raw.py"), "count", guest.dev, src, ethertype], name=f"raw-{src[-2:]}-{time.monotonic_ns()}")
        wait_for("raw.py", lambda: "ready" in self.job.output(), 10, self.job)

    def result(self):
        self.job.stop()
        return json.loads(self.job.output().splitlines()[-1])


def deliveries(lab, sender, src, dst, n=20):
    """Send @n frames from guest @sender; [(different, in all)] of every guest."""
    counts = [Count(g, src) for g in lab.guests]
    raw(lab.guests[sender], src, dst, n)
    time.sleep(0.3)
    return [(r["different"], r["frames"]) for r in (c.result() for c in counts)]


def test_everyone_reaches_everyone(mesh):
    for a in mesh.guests:
        for b in mesh.guests:
            if a is not b:
                assert ping(a, b.ip4, 3) == ping(a, b.ip6, 3) == 3
    a, _, c = mesh.guests
    tcp_copy(mesh, a, c, c.ip4, 4 << 20)
    udp_ask(c, a, a.ip4, [1, 1000, 20000])


def test_broadcast_reaches_all_once(mesh):
    """Head-end replication: each other guest gets each frame once, the sender none of its own."""
    assert deliveries(mesh, 0, "02:00:00:00:01:01", GROUP) == [(0, 0), (20, 20), (20, 20)]
    assert deliveries(mesh, 2, "02:00:00:00:01:02", GROUP) == [(20, 20), (20, 20), (0, 0)]


def test_arp_reaches_all_once(mesh):
    """The requests of a real kernel: everyone sees each of them once, and the answer comes back to who asked."""
    a, b = mesh.guests[:2]
    mac = a.run(["cat", f"/sys/class/net/{a.dev}/address"]).stdout.strip()
    counts = [Count(g, mac, ethertype="0806") for g in mesh.guests]
    a.ip("neigh", "flush", "dev", a.dev)
    assert ping(a, b.ip4, 1) == 1
    time.sleep(0.2)
    requests = [c.result()["frames"] for c in counts]
    # The learned answer may be refreshed by a unicast request to b alone; c sees just the broadcast.
    assert requests[0] == 0 and requests[2] == 1 and 1 <= requests[1] <= 2, requests


def test_unknown_unicast_floods_then_learns(mesh):
    """To an address nobody has seen: everywhere, once.  After that address has spoken: only there."""
    for host in mesh.hosts:
        rpc.call(host, "fdb.flush", bridge="br0")
    assert deliveries(mesh, 0, "02:00:00:00:02:01", UNKNOWN) == [(0, 0), (20, 20), (20, 20)]
    raw(mesh.guests[1], UNKNOWN, GROUP, 1)
    wait_for("the address to be learned", lambda: UNKNOWN in rpc.fdb(mesh.hosts[0]), 5)
    row = rpc.fdb(mesh.hosts[0])[UNKNOWN]
    assert (row["port"], row["remote"], row["static"]) == ("t0", mesh.hosts[1].ip4, False)
    assert rpc.fdb(mesh.hosts[1])[UNKNOWN]["port"] == "tap0"
    assert deliveries(mesh, 0, "02:00:00:00:02:02", UNKNOWN) == [(0, 0), (20, 20), (0, 0)]


def test_a_guest_that_moves(mesh):
    """An address that speaks elsewhere is followed there."""
    moving = "02:00:00:00:03:01"
    raw(mesh.guests[1], moving, GROUP, 1)
    wait_for("the first place", lambda: rpc.fdb(mesh.hosts[0]).get(moving, {}).get("remote") == mesh.hosts[1].ip4, 5)
    raw(mesh.guests[2], moving, GROUP, 1)
    wait_for("the second place", lambda: rpc.fdb(mesh.hosts[0])[moving]["remote"] == mesh.hosts[2].ip4, 5)
    assert deliveries(mesh, 0, "02:00:00:00:03:02", moving) == [(0, 0), (0, 0), (20, 20)]


def test_flush(mesh):
    for g in mesh.guests:
        raw(g, f"02:00:00:00:04:0{mesh.guests.index(g)}", GROUP, 1)
    host = mesh.hosts[0]
    wait_for("three addresses", lambda: len([m for m in rpc.fdb(host) if m.startswith("02:00:00:00:04")]) == 3, 5)
    assert rpc.call(host, "fdb.flush", bridge="br0", port="tap0")["flushed"] >= 1
    assert "02:00:00:00:04:00" not in rpc.fdb(host) and "02:00:00:00:04:01" in rpc.fdb(host)
    host.ctl("fdb", "flush")
    assert not [m for m in rpc.fdb(host) if m.startswith("02:00:00:00:04")]


def test_static_entry(mesh):
    """A static address stays where it was put: through a flush, and when another place claims it."""
    host = mesh.hosts[0]
    rpc.call(host, "fdb.add", bridge="br0", mac=STATIC, port="t0", remote=mesh.hosts[2].ip4)
    try:
        assert deliveries(mesh, 0, "02:00:00:00:05:01", STATIC) == [(0, 0), (0, 0), (20, 20)]
        rpc.call(host, "fdb.flush")
        raw(mesh.guests[1], STATIC, GROUP, 5)
        time.sleep(0.2)
        row = rpc.fdb(host)[STATIC]
        assert (row["remote"], row["static"]) == (mesh.hosts[2].ip4, True)
    finally:
        rpc.call(host, "fdb.del", bridge="br0", mac=STATIC)
    assert STATIC not in rpc.fdb(host)


def test_split_horizon(mesh):
    """A frame that came from one remote never leaves to another, or a mesh would loop."""
    host = mesh.hosts[0]
    sent = [r["tx_packets"] for r in rpc.objects(host, "remote")]
    raw(mesh.guests[1], "02:00:00:00:06:01", GROUP, 50)
    raw(mesh.guests[1], "02:00:00:00:06:01", "02:00:00:00:99:77", 50)
    time.sleep(0.3)
    # A few frames of its own guest (IPv6 neighbours and such) may have left meanwhile, not a hundred.
    after = [r["tx_packets"] for r in rpc.objects(host, "remote")]
    assert all(y - x < 20 for x, y in zip(sent, after)), (sent, after)


def test_frame_to_its_own_side_is_filtered(mesh):
    """A frame to an address behind the port it came from is counted and goes nowhere."""
    host, here = mesh.hosts[0], "02:00:00:00:07:01"
    raw(mesh.guests[0], here, GROUP, 1)
    wait_for("the address", lambda: here in rpc.fdb(host), 5)
    before = rpc.dropped(host, "bridge_filtered")
    assert deliveries(mesh, 0, "02:00:00:00:07:02", here) == [(0, 0)] * 3
    assert rpc.dropped(host, "bridge_filtered") >= before + 20


def test_bad_sources_and_reserved_groups(mesh):
    host = mesh.hosts[0]
    before = rpc.drops(host)
    raw(mesh.guests[0], "03:00:00:00:00:01", GROUP, 3)
    raw(mesh.guests[0], "00:00:00:00:00:00", GROUP, 3)
    raw(mesh.guests[0], NOBODY, "01:80:c2:00:00:00", 3)
    rpc.wait_dropped(host, "bridge_source_mac", before.get("bridge_source_mac", 0) + 6)
    rpc.wait_dropped(host, "bridge_reserved", before.get("bridge_reserved", 0) + 3)
