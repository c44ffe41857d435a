# SPDX-License-Identifier: BSD-3-Clause
"""A packet inside a tunnel by its fields, for all that takes a Gen: VXLAN, Geneve, GRE and NVGRE.

    t = of_kind("tcp4_in_6")          # VXLAN; tcp4_in_geneve4_zero, tcp4_in_gre6, tcp6_in_nvgre4 ..: see TUNNELS
    t.edit(ttl=63)                    # of the inner packet
    t.edit(outer_ttl=63, vni=6)
    t.frame(); t.next(); t.super(1448)

inner(frame) finds the tunnel in the bytes of a frame again.
"""
import collections
import dataclasses
import struct

from frame_gen import DSTOPTS, HOPOPTS, NEEDS_CSUM, PROTOS, ROUTING, UDP, Gen, Record, Vnet, fold

VXLAN_PORT, GENEVE_PORT = 4789, 6081
VALID_VNI = 0x08000000
TEB, IP4, IP6 = 0x6558, 0x0800, 0x86DD  # EtherTypes; TEB: an Ethernet frame
GRE = PROTOS["gre"]
GRE_CSUM, GRE_KEY, GRE_SEQ = 0x8000, 0x2000, 0x1000

Inner = collections.namedtuple("Inner", "outer_l3 tunnel l2 l3 is_udp")  # offsets; tunnel: of UDP or GRE; no Ethernet: l2 == l3


@dataclasses.dataclass(frozen=True)
class Outer(Gen):
    """UDP around @body."""

    l4: str = "udp"
    dport: int = VXLAN_PORT
    id: int = 7000
    body: bytes = b""

    def payload(self):
        return self.body


@dataclasses.dataclass(frozen=True)
class GreOuter(Outer):
    """GRE around @body."""

    l4: str = "gre"
    type: int = TEB
    csum: bool = False
    key: int = None
    number: int = None  # in sequence
    more_flags: int = 0  # as they are; version 0

    @property
    def hlen(self):
        return 4 + 4 * (self.csum + (self.key is not None) + (self.number is not None))

    @property
    def pay_off(self):
        return self.l4_off + self.hlen

    def _l4(self):
        flags = self.more_flags | self.csum * GRE_CSUM
        words = bytes(4) if self.csum else b""
        for bit, word in ((GRE_KEY, self.key), (GRE_SEQ, self.number)):
            if word is not None:
                flags |= bit
                words += struct.pack("!I", word)
        return struct.pack("!HH", flags, self.type) + words + self.body

    def _put_csum(self, l4, owed):
        if self.csum:
            struct.pack_into("!H", l4, 4, (0 if owed else 0xFFFF ^ fold(bytes(l4))) ^ self.csum_xor)


@dataclasses.dataclass(frozen=True)
class Tunnel:
    outer: Outer = Outer()
    inner: Gen = Gen()

    def edit(self, **fields):
        """As Gen.edit().  outer_ is for the outer headers, and so is pad, for Ethernet pads the whole; inner_pad is what
        the outer packet carries behind the inner one."""
        own, outer, inner_ = {}, {}, {}
        for name, value in fields.items():
            if name in OWN and hasattr(self, name):
                own[name] = value(getattr(self, name)) if callable(value) else value
            elif name == "pad" or name.startswith("outer_"):
                outer[name.removeprefix("outer_")] = value
            else:
                inner_[name.removeprefix("inner_")] = value
        return dataclasses.replace(self, outer=self.outer.edit(**outer), inner=self.inner.edit(**inner_), **own)

    def unpadded(self):
        return self.edit(pad=0, inner_pad=0) if self.outer.pad or self.inner.pad else self

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
    def l3_off(self):
        return self.outer.l3_off

    @property
    def inner_off(self):
        """Of the inner packet's first header."""
        return self.outer.pay_off + len(self.head())

    @property
    def pay_off(self):
        return self.inner_off + self.inner.pay_off

    def head(self):
        """The tunnel's header, where it is not the outer L4 header."""
        return b""

    def frame(self):
        """With all checksums."""
        return self._around(self.inner.frame()).frame()

    def super(self, gso_size):
        """The Record that owes segmentation and both checksums, as packet sockets show it: struct virtio_net_hdr has no
        word for the tunnel, it just points further in."""
        vnet, data = self.inner.super(gso_size)
        vnet = Vnet(NEEDS_CSUM, vnet.gso_type, self.pay_off, gso_size, self.inner_off + vnet.csum_start, vnet.csum_offset)
        return Record(vnet, self._around(data).owing())

    def _around(self, inner_bytes):
        body = self.head() + inner_bytes
        return self.outer.edit(body=body, plen=len(body))


@dataclasses.dataclass(frozen=True)
class Vxlan(Tunnel):
    vx_flags: int = VALID_VNI
    vni: int = 5
    vx_reserved: int = 0  # behind the VNI

    def head(self):
        return struct.pack("!II", self.vx_flags, self.vni << 8 | self.vx_reserved)


@dataclasses.dataclass(frozen=True)
class Geneve(Tunnel):
    outer: Outer = Outer(dport=GENEVE_PORT)
    vni: int = 5
    gn_flags: int = 0
    gn_version: int = 0
    gn_reserved: int = 0  # behind the VNI
    gn_options: bytes = b""
    gn_type: int = TEB

    def head(self):
        return struct.pack("!BBHI", self.gn_version << 6 | len(self.gn_options) // 4, self.gn_flags, self.gn_type,
                           self.vni << 8 | self.gn_reserved) + self.gn_options


@dataclasses.dataclass(frozen=True)
class Gre(Tunnel):
    outer: GreOuter = GreOuter()


OWN = {f.name for cls in (Vxlan, Geneve) for f in dataclasses.fields(cls)} - {"outer", "inner"}


def geneve_option(number, data):
    """One option of an experimental class; @data: words."""
    return struct.pack("!HBB", 0xFFFF, number, len(data) // 4) + data


# Name, less the outer IP version: the tunnel, given an inner packet and edits of the outer headers.
TUNNELS = {
    "": lambda inner_, **outer: Vxlan(Outer(**outer), inner_),
    "geneve": lambda inner_, **outer: Geneve(Outer(dport=GENEVE_PORT, **outer), inner_),
    "geneveopt": lambda inner_, **outer: Geneve(Outer(dport=GENEVE_PORT, **outer), inner_,
                                                gn_options=geneve_option(1, b"\1\2\3\4") + geneve_option(2, bytes(8))),
    "geneveip": lambda inner_, **outer: Geneve(Outer(dport=GENEVE_PORT, **outer), inner_.edit(bare=True),
                                               gn_type=ip_type(inner_)),
    "gre": lambda inner_, **outer: Gre(GreOuter(type=ip_type(inner_), **outer), inner_.edit(bare=True)),
    "grekey": lambda inner_, **outer: Gre(GreOuter(type=ip_type(inner_), key=77, **outer), inner_.edit(bare=True)),
    "gretap": lambda inner_, **outer: Gre(GreOuter(**outer), inner_),
    "gresum": lambda inner_, **outer: Gre(GreOuter(csum=True, **outer), inner_),
    "nvgre": lambda inner_, **outer: Gre(GreOuter(key=5 << 8 | 9, **outer), inner_),  # VSID and flow
}


def ip_type(gen):
    return IP4 if gen.l3 == 4 else IP6


def of_kind(kind):
    """tcp4: a Gen; tcp4_in_6: inside VXLAN over IPv6; tcp4_in_4_zero: without a checksum in front; tcp4_in_gre4 .."""
    name, *tunnel = kind.split("_")
    return within(Gen(l4=name[:3], l3=int(name[3])), "_".join(tunnel[1:])) if tunnel else Gen(l4=name[:3], l3=int(name[3]))


def within(inner_, tunnel):
    """The packet @inner_ in a tunnel by its name: "4", "geneve6_zero", "nvgre4" .."""
    name, *zero = tunnel.split("_")
    outer = {"udp_csum": False} if zero else {}
    return TUNNELS[name[:-1]](inner_, l3=int(name[-1]), **outer)


def l3_off(frame):
    """Where the network header of a frame is, behind VLAN tags."""
    off = 12
    while frame[off:off + 2] in (b"\x81\x00", b"\x88\xa8"):
        off += 4
    return off + 2


def inner(frame):
    """An Inner; None: there is no tunnel that is spelt right as far as it goes."""
    l3 = l3_off(frame)
    if frame[l3] >> 4 == 4:
        proto, l4 = frame[l3 + 9], l3 + 4 * (frame[l3] & 15)
    else:
        proto, l4 = frame[l3 + 6], l3 + 40
        while proto in (HOPOPTS, ROUTING, DSTOPTS):
            proto, l4 = frame[l4], l4 + 8 * (frame[l4 + 1] + 1)
    type_, at = 0, 0
    if proto == UDP:
        port = int.from_bytes(frame[l4 + 2:l4 + 4], "big")
        if port == VXLAN_PORT:
            type_, at = TEB, l4 + 16
        elif port == GENEVE_PORT:
            type_, at = int.from_bytes(frame[l4 + 10:l4 + 12], "big"), l4 + 16 + 4 * (frame[l4 + 8] & 0x3F)
    elif proto == GRE:
        flags, type_ = struct.unpack_from("!HH", frame, l4)
        at = l4 + 4 + 4 * sum(1 for bit in (GRE_CSUM, GRE_KEY, GRE_SEQ) if flags & bit)
    if type_ not in (TEB, IP4, IP6):
        return None
    return Inner(l3, l4, at, at + l3_off(frame[at:]) if type_ == TEB else at, proto == UDP)
