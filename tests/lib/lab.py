# SPDX-License-Identifier: BSD-3-Clause
"""A laboratory: two hosts, a wire between them that carries nothing above 1,500 bytes, and a guest on each host.

    with Lab() as lab:
        lab.attach_both("cvsw", mtu=9000)
        a, b = lab.guests
        a.run(["ping", "-c", "3", b.ip4])

    guest a -- host a == wire ============ wire == host b -- guest b
                  or: == wire = [relay] = wire ==

Hosts and guests are network namespaces, named after this process so that labs do not meet.  Every one of them is gone
when the `with` ends, however it ends, with all that was started inside.

How a guest is attached to its host (attach, attach_both):
    none          the guest *is* the host: traffic crosses the bare wire
    kernel-vxlan  the kernel's own VXLAN device, at its best
    cvsw          a cvswd in the host whose TAP port is in the guest

The sides may differ: lab.attach(0, "cvsw", transport="udp"); lab.attach(1, "kernel-vxlan").
"""
import itertools
import json
import os
import shutil
import tempfile

from netns import PREFIX, LabError, Ns, has_link, ip, run, sweep, undisturbed, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WIRE_MTU = 1500
LETTERS = "abcdefgh"  # of the sides
VNI = 42
VXLAN_OVERHEAD = 50  # IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14
VXLAN_OVERHEAD6 = 70

_serial = itertools.count()


def cvswd_path():
    return os.environ.get("CVSWD", os.path.join(ROOT, "build/src/daemon/cvswd"))


def cvswctl_path():
    return os.environ.get("CVSWCTL", os.path.join(ROOT, "build/src/ctl/cvswctl"))


def built_path(path):
    """A program of this project in the build directory that cvswd comes from: built_path("tests/relay/relay")."""
    return os.path.join(os.path.dirname(cvswd_path()), "../..", path)


class Host(Ns):
    """A host: `wire` is its interface, ip4 and ip6 its addresses there."""

    dev = "wire"

    def __init__(self, name, log_dir, index):
        super().__init__(name, log_dir)
        self.index = index
        self.ip4, self.ip6 = f"10.77.0.{index + 1}", f"fd77::{index + 1}"
        self.cvswd = None  # the Job, its configuration and sockets, once started
        self.config_path = os.path.join(log_dir, f"{LETTERS[index]}.yaml")
        self.control = os.path.join(log_dir, f"{LETTERS[index]}.sock")

    def addr(self, family):
        return self.ip6 if family == 6 else self.ip4

    def start_cvswd(self, config, timeout=10, env=None):
        """Write @config (a dict, or the text of the file) and start a cvswd with it; return when it answers."""
        self.write_config(config)
        self.cvswd = self.start([cvswd_path(), "-c", self.config_path], name="cvswd", env=env)
        self.wait_cvswd(config, timeout)
        return self.cvswd

    def write_config(self, config):
        with open(self.config_path, "w", encoding="utf-8") as f:
            f.write(config if isinstance(config, str) else to_yaml(config))

    def wait_cvswd(self, config, timeout=10):
        """Wait for the control socket and, where @config is a dict, for the TAPs it asks for."""
        wait_for(f"the control socket {self.control}", lambda: os.path.exists(self.control), timeout, self.cvswd)
        for port in config.get("ports", []) if isinstance(config, dict) else []:
            if port["type"] == "tap":
                wait_for(f"the interface {port['name']}",
                         lambda p=port: has_link(p.get("netns", self.name), p["name"]), timeout, self.cvswd)

    def ctl(self, *args, check=True):
        """cvswctl against this host's daemon."""
        return run([cvswctl_path(), "--socket", self.control, *args], check=check)


class Guest(Ns):
    """A guest: ip4 and ip6 are its addresses on the overlay, on interface `dev`."""

    dev = "tap0"

    def __init__(self, name, log_dir, index):
        super().__init__(name, log_dir)
        self.ip4, self.ip6 = f"10.78.0.{index + 1}", f"fd78::{index + 1}"

    def set_up(self, dev, mtu):
        self.dev = dev
        set_addresses(self, dev, mtu)


def to_yaml(config):
    """YAML with one line per object, which is enough of YAML: JSON's flow style is part of it."""
    out = []
    for key, value in config.items():
        if isinstance(value, list):
            out.append(f"{key}:" if value else f"{key}: []")
            out.extend(f"  - {json.dumps(v)}" for v in value)
        else:
            out.append(f"{key}: {json.dumps(value)}")
    return "\n".join(out) + "\n"


def set_addresses(ns, dev, mtu):
    ns.ip("link", "set", dev, "mtu", mtu, "up")
    ns.ip("addr", "replace", ns.ip4 + "/24", "dev", dev)
    ns.ip("addr", "replace", ns.ip6 + "/64", "dev", dev, "nodad")


class Lab:
    """See the head of this file.

    relay: a command line whose program forwards frames between the interfaces `left` (host a's side) and `right`; the
           words {left} and {right} in it stand for their names.  It runs in a namespace of its own.
    relay_csum: with a relay the hosts compute checksums before the wire, since a program that reads frames would
           see unfinished ones; False when the relay keeps that state itself (PACKET_VNET_HDR).
    cpus: two CPU lists as taskset takes them: where the programs of side a and of side b run.
    """

    def __init__(self, relay=None, relay_csum=True, cpus=(None, None)):
        self.relay_cmd, self.relay_csum, self.cpus = relay, relay_csum, cpus
        self.relay = self.relay_job = None
        self.hosts, self.guests = [], []
        self.method = [None, None]
        self.dir = None
        self._all = []

    # Coming and going

    def __enter__(self):
        if os.geteuid():
            raise LabError("network namespaces need root")
        sweep()
        self.dir = tempfile.mkdtemp(prefix=f"{PREFIX}-lab-{os.getpid()}-")
        self._name = f"{PREFIX}-{os.getpid()}-{next(_serial)}-"
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc):
        self.close()

    def close(self):
        """Take everything away.  CVSW_KEEP=1 in the environment keeps the logs."""
        with undisturbed():
            for ns in reversed(self._all):
                ns.close()
            self._all.clear()
            if self.dir and not os.environ.get("CVSW_KEEP"):
                shutil.rmtree(self.dir, ignore_errors=True)

    def _ns(self, cls, suffix, *args):
        ns = cls(self._name + suffix, self.dir, *args)
        self._all.append(ns)
        return ns

    def _build(self):
        self.hosts = [self._ns(Host, "h" + LETTERS[i], i) for i in (0, 1)]
        for host, cpus in zip(self.hosts, self.cpus):
            host.cpus = cpus
        if self.relay_cmd:
            self._build_relay()
        else:
            veth(self.hosts[0], "wire", self.hosts[1], "wire")
        for host in self.hosts:
            as_wire(host, "wire", csum=not self.relay or not self.relay_csum)
            set_addresses(host, "wire", WIRE_MTU)

    def _build_relay(self):
        self.relay = self._ns(Ns, "relay")
        self.relay.sysctl(net__ipv6__conf__all__disable_ipv6=1)  # a wire says nothing of its own
        for host, end in zip(self.hosts, ("left", "right")):
            veth(host, "wire", self.relay, end)
            as_wire(self.relay, end, gro="off")  # it handles frames one by one
            self.relay.ip("link", "set", end, "mtu", WIRE_MTU, "up", "promisc", "on")
            coalesce(host, "wire")
        self.start_relay(self.relay_cmd)

    def start_relay(self, cmd):
        """Start @cmd as the relay, in place of the one before (other loss, other order)."""
        if self.relay_job:
            self.relay_job.stop()
        cmd = [str(c).replace("{left}", "left").replace("{right}", "right") for c in cmd]
        self.relay_job = self.relay.start(cmd, name="relay")
        return self.relay_job

    # Guests

    def attach_both(self, method, **opts):
        for side in (0, 1):
            self.attach(side, method, **opts)

    def attach(self, side, method, **opts):
        """Give host @side its guest, by @method; @opts are those of _attach_<method>."""
        while len(self.guests) < 2:
            self.guests.append(None)
        self.method[side] = method
        {"none": self._attach_none, "kernel-vxlan": self._attach_vxlan, "cvsw": self._attach_cvsw}[method](side, **opts)

    def _guest(self, side):
        self.guests[side] = self._ns(Guest, "g" + LETTERS[side], side)
        self.guests[side].cpus = self.cpus[side]
        return self.guests[side]

    def _attach_none(self, side):
        self.guests[side] = self.hosts[side]

    def _attach_vxlan(self, side, mtu=None, family=4, dstport=4789, bridge=False, csum=True):
        """The kernel's VXLAN device, moved into the guest: faster than behind a veth pair and a bridge, and it is the
        peers' best that we compare with.  @bridge builds the longer one."""
        host, guest = self.hosts[side], self._guest(side)
        mtu = mtu or WIRE_MTU - (VXLAN_OVERHEAD6 if family == 6 else VXLAN_OVERHEAD)
        flags = ["noudp6zerocsumtx", "noudp6zerocsumrx"] if family == 6 else ["udpcsum" if csum else "noudpcsum"]
        host.ip("link", "add", "vx0", "type", "vxlan", "id", VNI, "local", host.addr(family), "remote",
                self.hosts[1 - side].addr(family), "dev", "wire", "dstport", dstport,
                *flags, "nolearning")
        if not bridge:
            host.ip("link", "set", "vx0", "netns", guest.name)
            guest.set_up("vx0", mtu)
            return
        veth(host, "veth0", guest, "veth0")
        host.ip("link", "add", "br0", "type", "bridge")
        for dev in ("veth0", "vx0"):
            host.ip("link", "set", dev, "mtu", mtu, "master", "br0", "up")
        host.ip("link", "set", "br0", "up")
        guest.set_up("veth0", mtu)

    def _attach_cvsw(self, side, config=None, **opts):
        """A cvswd in the host; @opts are those of cvsw_config(), or @config is the whole configuration."""
        guest = self._guest(side)
        config = config or self.cvsw_config(side, **opts)
        self.hosts[side].start_cvswd(config)
        mtu = next((p["mtu"] for p in config.get("ports", []) if p.get("netns") == guest.name), 1500)
        guest.set_up("tap0", mtu)

    def cvsw_config(self, side, mtu=1500, transport="sclp", carrier="udp", family=4, daemon=None, port=None,
                    tunnel=None):
        """The configuration of host @side as a dict.  @daemon, @port and @tunnel are merged into their objects."""
        host, peer = self.hosts[side], self.hosts[1 - side]
        tunnel_conf = {"name": "t0", "type": "vxlan", "transport": transport, "bridge": "br0", "vni": VNI,
                       "local": host.addr(family), "remotes": [peer.addr(family)]}
        if transport == "sclp":
            tunnel_conf["carrier"] = carrier
        return {
            "daemon": {"workers": 1, "control": host.control, **(daemon or {})},
            "bridges": [{"name": "br0"}],
            "ports": [{"name": "tap0", "type": "tap", "bridge": "br0", "netns": self._name + "g" + LETTERS[side],
                       "mtu": mtu, **(port or {})}],
            "tunnels": [{**tunnel_conf, **(tunnel or {})}],
        }

    def wait_ping(self, timeout=10):
        """Wait until guest a reaches guest b; LabError with the daemons' last words if it never does."""
        a, b = self.guests[:2]

        def answered():
            for host in self.hosts:
                if host.cvswd and not host.cvswd.running():
                    raise LabError(f"cvswd of {host.name} {host.cvswd.fate()}")
            return a.run(["ping", "-nqc1", "-W1", b.ip4], check=False).returncode == 0

        try:
            wait_for(f"an answer to ping from {b.name}", answered, timeout)
        except LabError as e:
            raise LabError(f"{e}\n{self.logs()}") from None

    def logs(self, n_lines=20):
        """The tails of all logs, for whoever explains a failure."""
        jobs = [j for ns in self._all for j in ns.jobs]
        return "\n".join(f"--- {os.path.basename(j.log)} ({j.fate()})\n{j.tail(n_lines)}" for j in jobs)


def veth(ns1, dev1, ns2, dev2):
    ip("link", "add", dev1, "netns", ns1.name, "type", "veth", "peer", "name", dev2, "netns", ns2.name)


def as_wire(ns, dev, gro="on", csum=True):
    """One end of a network cable: nothing leaves that is larger than a packet; what arrives may be coalesced."""
    ns.run(["ethtool", "-K", dev, "tso", "off", "gso", "off", "tx-udp-segmentation", "off", "gro", gro])
    if not csum:
        ns.run(["ethtool", "-K", dev, "tx", "off"])


def coalesce(ns, dev, usecs=50):
    """Take packets from @dev in batches, as a network card's interrupt does: a relay sends them one by one, and each
    would be received alone, before GRO sees a second one."""
    path = f"/sys/class/net/{dev}/"
    ns.run(["sh", "-c", f"echo {usecs * 1000} >{path}gro_flush_timeout; echo 1 >{path}napi_defer_hard_irqs"])
