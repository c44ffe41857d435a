# SPDX-License-Identifier: BSD-3-Clause
"""Laboratories of other shapes than lab.py's: several hosts on one network, and two hosts with a router between."""
from lab import LETTERS, WIRE_MTU, Host, Lab, as_wire, set_addresses, veth
from netns import Ns, wait_for


class Mesh(Lab):
    """@n hosts on one Ethernet segment; every tunnel has all other hosts as its remotes."""

    def __init__(self, n=3):
        super().__init__(cpus=(None,) * n)
        self.n = n
        self.method = [None] * n
        self.guests = [None] * n
        self.fabric = None

    def _build(self):
        self.fabric = self._ns(Ns, "fabric")
        self.fabric.sysctl(net__ipv6__conf__all__disable_ipv6=1)
        self.fabric.ip("link", "add", "segment", "type", "bridge", "mcast_snooping", 0)
        self.fabric.ip("link", "set", "segment", "up")
        self.hosts = [self._ns(Host, "h" + LETTERS[i], i) for i in range(self.n)]
        for i, host in enumerate(self.hosts):
            veth(host, "wire", self.fabric, f"w{i}")
            as_wire(host, "wire")
            as_wire(self.fabric, f"w{i}", gro="off")
            self.fabric.ip("link", "set", f"w{i}", "mtu", WIRE_MTU, "master", "segment", "up")
            set_addresses(host, "wire", WIRE_MTU)

    def attach_all(self, method="cvsw", **opts):
        for side in range(self.n):
            self.attach(side, method, **opts)

    def cvsw_config(self, side, family=4, tunnel=None, **opts):
        others = [h.addr(family) for i, h in enumerate(self.hosts) if i != side]
        return super().cvsw_config(side, family=family, tunnel={"remotes": others, **(tunnel or {})}, **opts)

    def wait_mesh(self, timeout=10):
        for a in self.guests:
            for b in self.guests:
                if a is not b:
                    wait_for(f"an answer from {b.name} to {a.name}",
                             lambda a=a, b=b: not a.run(["ping", "-nqc1", "-W1", b.ip4], check=False).returncode, timeout)


class Routed(Lab):
    """Two hosts in two networks; the router between them knows ICMP, and its links can be narrowed."""

    def __init__(self):
        super().__init__()
        self.router = None

    def _build(self):
        self.router = self._ns(Ns, "router")
        self.router.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        self.hosts = [self._ns(Host, "h" + LETTERS[i], i) for i in (0, 1)]
        for i, (host, end) in enumerate(zip(self.hosts, ("left", "right"))):
            host.ip4, host.ip6 = f"10.77.{i}.2", f"fd77:{i + 1}::2"
            veth(host, "wire", self.router, end)
            as_wire(host, "wire")
            as_wire(self.router, end, gro="off")
            self.router.ip("link", "set", end, "mtu", WIRE_MTU, "up")
            self.router.ip("addr", "add", f"10.77.{i}.1/24", "dev", end)
            self.router.ip("addr", "add", f"fd77:{i + 1}::1/64", "dev", end, "nodad")
            set_addresses(host, "wire", WIRE_MTU)
            host.ip("route", "add", "default", "via", f"10.77.{i}.1")
            host.ip("-6", "route", "add", "default", "via", f"fd77:{i + 1}::1")

    def narrow(self, mtu):
        """The link to host b gets @mtu, at both ends, as links do: host a learns of it by ICMP, host b by itself."""
        self.router.ip("link", "set", "right", "mtu", mtu)
        self.hosts[1].ip("link", "set", "wire", "mtu", mtu)
