# SPDX-License-Identifier: BSD-3-Clause
"""The network's MTU shrinks while traffic runs: the guests never learn of it."""
import pytest
import rpc
from capture import Capture
from netns import wait_for
from scale import MB, scaled
from traffic import Copy, Stream, ping, udp_ask

NARROW = 1300


def guest_pmtu(guest, addr):
    """What the guest's kernel believes: its route's MTU exception, or the interface's."""
    out = guest.ip("route", "get", addr).stdout
    return int(out.split(" mtu ")[1].split()[0]) if " mtu " in out else guest.mtu(guest.dev)


@pytest.fixture(params=[("udp", 4), ("udp", 6), ("ip", 4), ("ip", 6)], ids=lambda p: f"sclp-{p[0]}-{p[1]}")
def routed(labs, request):
    lab = labs.routed()
    carrier, lab.family = request.param
    lab.attach_both("cvsw", mtu=9000, carrier=carrier, family=lab.family)
    lab.wait_ping()
    return lab


def test_narrow_link_under_traffic(routed):
    """TCP streams both ways go on when the link behind a router falls to 1,300 bytes; the packets that leave then fit
    it; the guests keep their MTU of 9,000; and the daemon knows the new path MTU."""
    lab = routed
    a, b = lab.guests
    # The streams have no end, so that however unevenly they share the machine both still run when the link narrows;
    # the copies show that nothing was garbled meanwhile.
    streams = [Stream(a, b, b.ip4), Stream(b, a, a.ip4)]
    copies = [Copy(lab, a, b, b.ip4, scaled(200, with_sanitizers=40) * MB),
              Copy(lab, b, a, a.ip4, scaled(200, with_sanitizers=40) * MB)]
    wait_for("the copies to run", lambda: all(c.received() > MB for c in copies), 30)
    lab.narrow(NARROW)
    for s in streams:
        s.wait_more(20, 5 * MB)
    for c in copies:
        c.finish(90)
    for s in streams:
        s.wait_more(20)
        s.stop()
    with Capture(lab.hosts[0], "ip or ip6") as cap:
        assert ping(a, b.ip4, 5, 8972) == 5
        udp_ask(a, b, b.ip4, [100, 5000, 8972, 30000])
    assert max(p.l3_len for p in cap.packets()) <= NARROW
    assert guest_pmtu(a, b.ip4) == guest_pmtu(b, a.ip4) == 9000
    peers = [lab.hosts[1].addr(lab.family), lab.hosts[0].addr(lab.family)]
    for host, peer in zip(lab.hosts, peers):
        wait_for("the path MTU to be shown", lambda h=host, p=peer: rpc.remote(h, p)["mtu"] == NARROW, 10)


def test_it_was_narrow_before(routed):
    """The path is narrow from the start, behind the router where only ICMP tells."""
    lab = routed
    a, b = lab.guests
    lab.narrow(NARROW)
    wait_for("large pings to get through", lambda: ping(a, b.ip4, 1, 8972, wait=0.3) == 1, 5)
    assert ping(a, b.ip4, 10, 8972) == 10
    assert ping(b, a.ip6, 10, 8952) == 10
