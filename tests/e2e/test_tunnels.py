# SPDX-License-Identifier: BSD-3-Clause
"""cvswd to cvswd, every transport over both families, guests of every MTU."""
import time

import pytest
import rpc
from exchange import exchange, pings
from lab import veth
from netns import wait_for
from scale import MB, scaled
from traffic import Copy, frames, ping, tcp_copy, udp_ask

TRANSPORTS = {"vxlan-udp": {"transport": "udp"}, "sclp-udp": {"transport": "sclp"},
              "sclp-ip": {"transport": "sclp", "carrier": "ip"}}
PLAIN_MTU = {4: 1450, 6: 1430}  # of a guest behind VXLAN over UDP on a wire of 1,500
OFFLOADS = ("csum", "tso", "uso", "gso", "gro")
SCLP_MTUS = (1450, 1500, 9000, 65000)
MATRIX = [(t, f, m) for t in TRANSPORTS for f in (4, 6) for m in ((PLAIN_MTU[f],) if t == "vxlan-udp" else SCLP_MTUS)]


def set_mtu(lab, mtu):
    for host, guest in zip(lab.hosts, lab.guests):
        rpc.call(host, "port.set", name="tap0", mtu=mtu)
        guest.ip("link", "set", guest.dev, "mtu", mtu)


@pytest.fixture(scope="module")
def pairs(module_labs):
    """One lab for each transport and family, made when first asked for; guests change their MTU in it."""
    made = {}

    def get(transport, family, mtu=1450):
        if (transport, family) not in made:
            made[transport, family] = module_labs.pair(family=family, mtu=PLAIN_MTU[family], **TRANSPORTS[transport])
        set_mtu(made[transport, family], mtu)
        return made[transport, family]

    return get


@pytest.mark.parametrize("transport,family,mtu", MATRIX, ids=lambda x: str(x))
def test_exchange(pairs, transport, family, mtu):
    """Files over TCP, datagrams and pings of all sizes, inner IPv4 and IPv6, and nothing is dropped on the way."""
    lab = pairs(transport, family, mtu)
    before = [rpc.drops(h) for h in lab.hosts]
    exchange(lab, mtu, scaled(16, with_sanitizers=8) * MB)
    for host, was in zip(lab.hosts, before):
        new = {r: n - was.get(r, 0) for r, n in rpc.drops(host).items() if n != was.get(r, 0)}
        # Reports of the time before the other daemon ran may be read late.
        new.pop("underlay_unreachable", 0)
        assert not new


@pytest.mark.parametrize("family", [4, 6])
def test_too_large_for_plain_vxlan(pairs, family):
    """What plain VXLAN cannot carry is dropped under its own reason, not silently and not as fragments."""
    lab = pairs("vxlan-udp", family, 1500)
    a, b = lab.guests
    before = rpc.dropped(lab.hosts[0], "tunnel_mtu")
    assert ping(a, b.ip4, 3, 1472, wait=0.2) == 0
    assert rpc.dropped(lab.hosts[0], "tunnel_mtu") >= before + 3
    set_mtu(lab, PLAIN_MTU[family])
    was = [rpc.drops(h) for h in lab.hosts]
    assert ping(a, b.ip4, 3) == 3, (was, [rpc.drops(h) for h in lab.hosts])


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_random_frames(pairs, transport):
    """Frames of any size and kind, one in five with a VLAN tag, arrive once and byte for byte (USO trains, TCP
    super-frames over plain VXLAN: as their segments)."""
    mtu = 1450 if transport == "vxlan-udp" else 9000
    report = frames(pairs(transport, 4, mtu), scaled(1000), mtu, seed=11)
    assert report["n_errors"] == 0, report
    assert (report["missing"], report["partly"], report["twice"], report["not_captured"]) == (0, 0, 0, 0), report


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_offloads_change_under_traffic(pairs, transport):
    """csum, tso, uso, gso and gro of a port go off and on while a file is on its way; it arrives whole."""
    lab = pairs(transport, 4, 1450)
    a, b = lab.guests
    copies = [Copy(lab, a, b, b.ip4, scaled(64, with_sanitizers=32) * MB),
              Copy(lab, b, a, a.ip4, scaled(64, with_sanitizers=32) * MB)]
    try:
        for settings in (["uso"], ["tso"], ["gro"], ["csum", "tso", "uso"], ["csum", "tso", "uso", "gro"]):
            for value in ("off", "on"):
                for host in lab.hosts:
                    set_port(host, **{k: value for k in settings})
                time.sleep(0.02)
    finally:
        for host in lab.hosts:
            set_port(host, **{k: "on" for k in OFFLOADS})
    for c in copies:
        c.finish(90)


def set_port(host, **settings):
    rpc.call(host, "port.set", name="tap0", **settings)


@pytest.mark.parametrize("off", ["tso", "uso", "gro", "csum tso uso", "csum tso uso gro"])
def test_offloads_off(pairs, off):
    """A guest without this or that offload works all the same, and the interface shows that it is off."""
    lab = pairs("sclp-udp", 4, 9000)
    a, b = lab.guests
    settings = {k: "off" for k in off.split()}
    set_port(lab.hosts[0], **settings)
    try:
        if "tso" in settings:
            wait_for("TSO to be off", lambda: "tcp-segmentation-offload: off" in
                     a.run(["ethtool", "-k", a.dev]).stdout, 5)
        tcp_copy(lab, a, b, b.ip4, scaled(4) * MB)
        tcp_copy(lab, b, a, a.ip4, scaled(4) * MB)
        udp_ask(a, b, b.ip4, [100, 1400, 8972, 20000])
        pings(b, a, 9000)
    finally:
        set_port(lab.hosts[0], **{k: "on" for k in settings})


def test_super_frames_without_csum_are_refused(pairs):
    """tso without csum cannot be; the refusal names the setting."""
    lab = pairs("sclp-udp", 4)
    with pytest.raises(rpc.RpcError) as e:
        set_port(lab.hosts[0], csum="off")
    assert e.value.data["errno"] == "EINVAL" and "tso" in str(e.value)


def test_no_gso_is_counted(pairs):
    """A guest that takes no super-frames, on a port that must not cut them: each is dropped by its name, no other."""
    lab = pairs("sclp-udp", 4, 9000)
    a, b = lab.guests
    host = lab.hosts[1]
    set_port(host, tso="off", uso="off", gso="off", gro="off")
    try:
        before = rpc.drops(host)
        tcp_copy(lab, b, a, a.ip4, MB)  # this way all is well
        copy = Copy(lab, a, b, b.ip4, 4 * MB)
        rpc.wait_dropped(host, "gso_off", before.get("gso_off", 0) + 1)
        copy.sender.stop()
        new = {r for r, n in rpc.drops(host).items() if n != before.get(r, 0)}
        assert new <= {"gso_off", "bridge_filtered"}, new
    finally:
        set_port(host, **{k: "on" for k in OFFLOADS})


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_two_workers(labs, transport):
    """The same with two workers on either side: queues, sockets and flows are shared out, nothing is lost or doubled."""
    mtu = 1450 if transport == "vxlan-udp" else 9000
    lab = labs.pair(mtu=mtu, daemon={"workers": 2}, **TRANSPORTS[transport])
    # what the guests' kernels say while a bridge has one member only; the other daemon's absence is told when we send next
    before = [drops_of_traffic(host) for host in lab.hosts]
    exchange(lab, mtu, scaled(16, with_sanitizers=8) * MB)
    assert [drops_of_traffic(host) for host in lab.hosts] == before


def drops_of_traffic(host):
    return {reason: n for reason, n in rpc.drops(host).items() if reason != "underlay_unreachable"}


def test_tunnels_with_and_without_local(labs):
    """Two tunnels over IP, one bound to an address and one not, get one copy of each packet between them."""
    lab = labs.pair(**TRANSPORTS["sclp-ip"])
    for host in lab.hosts:
        rpc.call(host, "tunnel.add", name="other", type="vxlan", transport="sclp", carrier="ip", vni=7,
                 remotes=["10.77.0.99"])
    a, b = lab.guests
    out = a.run(["ping", "-c", "5", "-i", "0.1", b.ip4]).stdout
    assert " 0% packet loss" in out and "DUP" not in out


@pytest.mark.parametrize("transport,workers", [(t, w) for t in TRANSPORTS for w in (1, 2)])
def test_af_packet_port(labs, transport, workers):
    """A container: its veth pair's end in the host is attached to the switch; super-frames both ways."""
    lab = labs()
    mtu = 1450 if transport == "vxlan-udp" else 9000
    lab.attach(1, "cvsw", mtu=mtu, **TRANSPORTS[transport])
    host, guest = lab.hosts[0], lab._guest(0)
    veth(host, "ct0", guest, "eth0")
    host.ip("link", "set", "ct0", "mtu", mtu, "up")
    config = lab.cvsw_config(0, mtu=mtu, daemon={"workers": workers}, **TRANSPORTS[transport])
    config["ports"] = [{"name": "ct0", "type": "af_packet", "bridge": "br0", "mtu": mtu}]
    host.start_cvswd(config)
    guest.set_up("eth0", mtu)
    lab.wait_ping()
    exchange(lab, mtu, scaled(16, with_sanitizers=8) * MB)
    stats = rpc.objects(host, "port", "ct0")[0]
    # Frames of many segments came and went whole: far fewer frames than 1,500-byte packets.
    assert stats["rx_bytes"] / stats["rx_packets"] > 3000 and stats["tx_bytes"] / stats["tx_packets"] > 1500, stats
