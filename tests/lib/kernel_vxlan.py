# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's own VXLAN tunnels as a function of super-frames.

    with KernelVxlan() as kernel:
        kernel.segments("udp4", records)    # what is on the wire for each super-frame sent into that tunnel

The tunnels' lower device is gso0, a veth that can neither segment nor compute checksums: the kernel does it all behind
the tunnel.
"""
import struct

import tunnel_gen
from frame_gen import UDP, Record, fold
from kernel_offload import NO_OFFLOAD, KernelOffload, in_namespace, one_cpu

# Tunnel: how it is made.
TUNNELS = {
    "udp4": ("local", "10.99.0.1", "remote", "10.99.0.2", "udpcsum", "df", "set"),
    "udp4_no_df": ("local", "10.99.0.1", "remote", "10.99.0.2", "udpcsum", "df", "unset", "tos", "0xb8", "ttl", "9"),
    "udp4_zero": ("local", "10.99.0.1", "remote", "10.99.0.2", "noudpcsum"),
    "udp6": ("local", "fd99::1", "remote", "fd99::2", "noudp6zerocsumtx", "flowlabel", "0x12345"),
    "udp6_zero": ("local", "fd99::1", "remote", "fd99::2", "udp6zerocsumtx"),
}
NEAR, FAR = "02:f0:00:00:00:01", "02:f0:00:00:00:02"


class KernelVxlan(KernelOffload):
    def _build(self):
        ns = self.ns
        ns.sysctl(net__ipv6__conf__default__disable_ipv6=1)  # or the interfaces would talk
        ns.ip("link", "add", "gso0", "address", NEAR, "type", "veth", "peer", "name", "gso1")
        ns.run(["ethtool", "-K", "gso0", *NO_OFFLOAD])
        ns.run(["ethtool", "-K", "gso1", "gro", "off"])
        ns.sysctl(net__ipv6__conf__gso0__disable_ipv6=0)
        for dev in ("gso0", "gso1"):
            ns.ip("link", "set", dev, "mtu", 65535, "up")
        for addr, peer in (("10.99.0.1/24", "10.99.0.2"), ("fd99::1/64", "fd99::2")):
            ns.ip("addr", "add", addr, "dev", "gso0", *(["nodad"] if ":" in addr else []))
            ns.ip("neigh", "add", peer, "lladdr", FAR, "nud", "permanent", "dev", "gso0")
        for vni, (name, opts) in enumerate(TUNNELS.items(), 1):
            ns.ip("link", "add", name, "type", "vxlan", "id", vni, "dev", "gso0", "dstport", tunnel_gen.VXLAN_PORT, *opts)
            ns.ip("link", "set", name, "up")
        in_namespace(ns, self._open)

    def _open(self):
        self.open_sockets(("gso0", "gso1", *TUNNELS))

    def segments(self, tunnel, records):
        """A list of packets (bytes) for each Record."""
        with one_cpu():
            return [self._tunnelled(tunnel, r) for r in records]

    def _tunnelled(self, dev, record):
        self._send(dev, record.vnet.pack() + record.data)
        got = self._until_marker("gso", self._mark("gso0"))
        return [r.data for r in got if tunnel_gen.inner(r.data)]  # IPv6 may talk on gso0


def super_of(first, inner):
    """The Record whose first segment is @first, a packet on the wire, when the inner super-frame is the Record @inner: what
    the kernel chose for the outer headers is taken over, lengths and checksums are made anew."""
    l3, l4, at = tunnel_gen.inner(first)[:3]
    data = bytearray(first[:at] + inner.data)
    if data[l3] >> 4 == 4:
        addresses = data[l3 + 12:l3 + 20]
        struct.pack_into("!H", data, l3 + 2, len(data) - l3)
        struct.pack_into("!H", data, l3 + 10, 0)
        struct.pack_into("!H", data, l3 + 10, 0xFFFF ^ fold(bytes(data[l3:l4])))
    else:
        addresses = data[l3 + 8:l3 + 40]
        struct.pack_into("!H", data, l3 + 4, len(data) - l4)
    struct.pack_into("!H", data, l4 + 4, len(data) - l4)
    if any(data[l4 + 6:l4 + 8]):
        struct.pack_into("!H", data, l4 + 6, fold(bytes(addresses) + struct.pack("!HI", UDP, len(data) - l4)))
    vnet = inner.vnet
    return Record(vnet._replace(hdr_len=at + vnet.hdr_len, csum_start=at + vnet.csum_start), bytes(data))
