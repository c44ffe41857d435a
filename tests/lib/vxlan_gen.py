# SPDX-License-Identifier: BSD-3-Clause
"""A TCP or UDP packet inside VXLAN by its fields, for all that takes a Gen.

    v = of_kind("tcp4_in_6")
    v.edit(ttl=63)          # of the inner packet
    v.edit(outer_ttl=63, vni=6)
    v.frame(); v.next(); v.super(1448)
"""
import dataclasses
import struct

from frame_gen import DSTOPTS, HOPOPTS, NEEDS_CSUM, ROUTING, UDP, Gen, Record, Vnet

PORT = 4789
VALID_VNI = 0x08000000
UDP_HLEN, HLEN = 8, 8
OWN = ("vx_flags", "vni", "vx_reserved")


@dataclasses.dataclass(frozen=True)
class Outer(Gen):
    """UDP around @body."""

    l4: str = "udp"
    dport: int = PORT
    id: int = 7000
    body: bytes = b""

    def payload(self):
        return self.body


@dataclasses.dataclass(frozen=True)
class Vxlan:
    outer: Outer = Outer()
    inner: Gen = Gen()
    vx_flags: int = VALID_VNI
    vni: int = 5
    vx_reserved: int = 0  # behind the VNI

    def edit(self, **fields):
        """As Gen.edit().  outer_ is for the outer headers, and so is pad, for Ethernet pads the whole; inner_pad is what
        the outer packet carries behind the inner one."""
        own, outer, inner = {}, {}, {}
        for name, value in fields.items():
            if name in OWN:
                own[name] = value(getattr(self, name)) if callable(value) else value
            elif name == "pad" or name.startswith("outer_"):
                outer[name.removeprefix("outer_")] = value
            else:
                inner[name.removeprefix("inner_")] = value
        return dataclasses.replace(self, outer=self.outer.edit(**outer), inner=self.inner.edit(**inner), **own)

    def next(self):
        return dataclasses.replace(self, outer=self.outer.edit(id=lambda v: v + 1 & 0xFFFF), inner=self.inner.next())

    @property
    def l3(self):
        return self.inner.l3

    @property
    def l4(self):
        return self.inner.l4

    @property
    def plen(self):
        return self.inner.plen

    @property
    def flags(self):
        return self.inner.flags

    @property
    def pad(self):
        return self.outer.pad

    @property
    def l3_off(self):
        return self.outer.l3_off

    @property
    def inner_off(self):
        """Of the inner Ethernet header."""
        return self.outer.pay_off + HLEN

    @property
    def pay_off(self):
        return self.inner_off + self.inner.pay_off

    def frame(self):
        """With all checksums."""
        return self._around(self.inner.frame()).frame()

    def super(self, gso_size):
        """The Record that owes segmentation and both checksums, as packet sockets show it: struct virtio_net_hdr has no
        word for the tunnel, it just points further in."""
        vnet, data = self.inner.super(gso_size)
        vnet = Vnet(NEEDS_CSUM, vnet.gso_type, self.pay_off, gso_size, self.inner_off + vnet.csum_start, vnet.csum_offset)
        return Record(vnet, self._around(data).owing())

    def _around(self, inner):
        head = struct.pack("!II", self.vx_flags, self.vni << 8 | self.vx_reserved)
        return self.outer.edit(body=head + inner, plen=HLEN + len(inner))


def of_kind(kind):
    """tcp4: a Gen; tcp4_in_6: inside VXLAN over IPv6; tcp4_in_4_zero: without a checksum in front."""
    name, *tunnel = kind.split("_")
    inner = Gen(l4=name[:3], l3=int(name[3]))
    if not tunnel:
        return inner
    return Vxlan(Outer(l3=int(tunnel[1]), udp_csum="zero" not in tunnel), inner)


def l3_off(frame):
    """Where the network header of a frame is, behind VLAN tags."""
    off = 12
    while frame[off:off + 2] in (b"\x81\x00", b"\x88\xa8"):
        off += 4
    return off + 2


def outer_l4_off(frame):
    """Where the transport header is that carries VXLAN; 0: there is none."""
    l3 = l3_off(frame)
    if frame[l3] >> 4 == 4:
        proto, l4 = frame[l3 + 9], l3 + 4 * (frame[l3] & 15)
    else:
        proto, l4 = frame[l3 + 6], l3 + 40
        while proto in (HOPOPTS, ROUTING, DSTOPTS):
            proto, l4 = frame[l4], l4 + 8 * (frame[l4 + 1] + 1)
    return l4 if proto == UDP and frame[l4 + 2:l4 + 4] == struct.pack("!H", PORT) else 0


def inner_off(frame):
    """Where the inner Ethernet header of a frame is, or 0."""
    l4 = outer_l4_off(frame)
    return l4 and l4 + UDP_HLEN + HLEN
