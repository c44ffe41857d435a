# SPDX-License-Identifier: BSD-3-Clause
"""One TCP or UDP packet by its fields, as bytes or as a super-frame with the header that PACKET_VNET_HDR wants.

    a = Gen(l3=6, l4="tcp", plen=1448)
    a.frame(); a.next().edit(ttl=63, seq=lambda v: v + 1).frame(); a.edit(plen=60000).super(1448)

A Record is what crosses such a socket: (Vnet, bytes).
"""
import collections
import dataclasses
import random
import struct

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << i for i in range(8))
PROTOS = {"tcp": 6, "udp": 17, "gre": 47, "sctp": 132}
TCP, UDP = PROTOS["tcp"], PROTOS["udp"]
HOPOPTS, ROUTING, FRAGMENT, DSTOPTS = 0, 43, 44, 60
VLAN, QINQ = 0x8100, 0x88A8
DF, MF, EVIL = 0x4000, 0x2000, 0x8000

NEEDS_CSUM = 1
GSO_NONE, GSO_TCP4, GSO_UFO, GSO_TCP6, GSO_UDP_L4, GSO_ECN = 0, 1, 3, 4, 5, 0x80
_VNET = struct.Struct("=BBHHHH")
_STREAM = random.Random(1).randbytes(1 << 18)  # every packet's payload is a part of it

Record = collections.namedtuple("Record", "vnet data")


class Vnet(collections.namedtuple("Vnet", "flags gso_type hdr_len gso_size csum_start csum_offset")):
    """struct virtio_net_hdr"""

    size = _VNET.size

    def pack(self):
        return _VNET.pack(*self)

    @classmethod
    def unpack(cls, data):
        return cls(*_VNET.unpack(data))


NO_VNET = Vnet(0, 0, 0, 0, 0, 0)


def fold(data, start=0):
    """The Internet checksum's sum of @data (not inverted)."""
    if len(data) & 1:
        data += b"\0"
    total = start + sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@dataclasses.dataclass(frozen=True)
class Gen:
    l3: int = 4
    l4: str = "tcp"
    mac: int = 1
    bare: bool = False  # no link's header: in a tunnel of IP packets
    vlans: tuple = ()  # (TPID, TCI), the outermost first
    # network
    addr: int = 1
    tos: int = 0
    ttl: int = 64
    id: int = 1000
    frag: int = DF  # flags and offset
    ip_options: bytes = b""
    ip_csum_xor: int = 0
    label: int = 0x12345
    ext: tuple = ()  # IPv6 extension headers: (number, the bytes behind `next header`)
    # transport
    sport: int = 60000
    dport: int = 50000
    seq: int = 0xFFFFFC00
    ack: int = 77
    flags: int = ACK
    reserved: int = 0
    window: int = 500
    urgent: int = 0
    options: bytes = b""
    udp_csum: bool = True
    udp_len_add: int = 0
    csum_xor: int = 0
    # payload: plen bytes of an endless stream from pos on; pad bytes behind the IP packet
    pos: int = 0
    plen: int = 1000
    pad: int = 0

    def edit(self, **fields):
        """Another one; a value that is a function is given the old one."""
        return dataclasses.replace(self, **{k: v(getattr(self, k)) if callable(v) else v for k, v in fields.items()})

    def next(self):
        """What follows in the flow."""
        return self.edit(seq=(self.seq + self.plen) & 0xFFFFFFFF, id=(self.id + 1) & 0xFFFF, pos=self.pos + self.plen)

    def unpadded(self):
        return self.edit(pad=0) if self.pad else self

    @property
    def proto(self):
        return PROTOS[self.l4]

    @property
    def l3_off(self):
        return 0 if self.bare else 14 + 4 * len(self.vlans)

    @property
    def l4_off(self):
        if self.l3 == 4:
            return self.l3_off + 20 + len(self.ip_options)
        return self.l3_off + 40 + sum(1 + len(x) for _, x in self.ext)

    @property
    def pay_off(self):
        return self.l4_off + (20 + len(self.options) if self.l4 == "tcp" else 8)

    @property
    def csum_off(self):
        """Of the L4 checksum in its header."""
        return 16 if self.l4 == "tcp" else 6

    def payload(self):
        at = self.pos % (len(_STREAM) // 2)
        return _STREAM[at:at + self.plen]

    def frame(self):
        """With all checksums."""
        return self._frame(owed=False) + b"\xee" * self.pad

    def super(self, gso_size):
        """The Record that owes checksum and segmentation."""
        gso_type = GSO_UDP_L4 if self.l4 == "udp" else GSO_TCP4 if self.l3 == 4 else GSO_TCP6
        if self.l4 == "tcp" and self.flags & CWR:
            gso_type |= GSO_ECN
        return Record(Vnet(NEEDS_CSUM, gso_type, self.pay_off, gso_size, self.l4_off, self.csum_off),
                      self.owing())

    def ufo(self, gso_size):
        """The Record of a datagram that is to be sent as IP fragments of @gso_size bytes."""
        return as_ufo(self.super(gso_size))

    def owing(self):
        """With the checksum owed: the pseudo-header's sum in its place.  (UDP without one owes none.)"""
        return self._frame(owed=True)

    def _frame(self, owed):
        l4 = bytearray(self._l4())
        self._put_csum(l4, owed)
        return self._l2() + (self._ip4 if self.l3 == 4 else self._ip6)(len(l4)) + bytes(l4)

    def _put_csum(self, l4, owed):
        pseudo = fold(self._addresses() + struct.pack("!HI", self.proto, len(l4)))
        if self.l4 == "udp" and not self.udp_csum:
            csum = 0
        elif owed:
            csum = pseudo
        else:
            csum = 0xFFFF ^ fold(bytes(l4), pseudo)
            if self.l4 == "udp":
                csum = csum or 0xFFFF
        struct.pack_into("!H", l4, self.csum_off, csum ^ self.csum_xor)

    def _l2(self):
        if self.bare:
            return b""
        tags = b"".join(struct.pack("!HH", *tag) for tag in self.vlans)
        return struct.pack("!6s5sB", b"\x02\xf0\0\0\0\x02", b"\x02\xf0\0\0\0", self.mac) + tags + \
            struct.pack("!H", 0x0800 if self.l3 == 4 else 0x86DD)

    def _addresses(self):
        if self.l3 == 4:
            return struct.pack("!II", 0x0A000000 + self.addr, 0x0A0000FE)
        return b"\xfd" + bytes(11) + struct.pack("!I", self.addr) + b"\xfd" + bytes(14) + b"\xfe"

    def _ip4(self, l4_len):
        hlen = 20 + len(self.ip_options)
        h = struct.pack("!BBHHHBBH", 0x40 + hlen // 4, self.tos, hlen + l4_len, self.id, self.frag, self.ttl, self.proto,
                        0) + self._addresses() + self.ip_options
        return h[:10] + struct.pack("!H", 0xFFFF ^ fold(h) ^ self.ip_csum_xor) + h[12:]

    def _ip6(self, l4_len):
        numbers = [n for n, _ in self.ext] + [self.proto]
        ext = b"".join(bytes((after,)) + x for (_, x), after in zip(self.ext, numbers[1:]))
        return struct.pack("!IHBB", 6 << 28 | self.tos << 20 | self.label, len(ext) + l4_len, numbers[0], self.ttl) + \
            self._addresses() + ext

    def _l4(self):
        if self.l4 == "udp":
            return struct.pack("!HHHH", self.sport, self.dport, 8 + self.plen + self.udp_len_add, 0) + self.payload()
        return struct.pack("!HHIIBBHHH", self.sport, self.dport, self.seq, self.ack,
                           (20 + len(self.options)) // 4 << 4 | self.reserved, self.flags, self.window, 0, self.urgent) + \
            self.options + self.payload()


def as_ufo(record):
    return record._replace(vnet=record.vnet._replace(gso_type=GSO_UFO))


def timestamp(value, echo=7):
    """TCP's time-stamp option as everybody sends it."""
    return struct.pack("!BBBBII", 1, 1, 8, 10, value, echo)


def padn(fill, n=16):
    """Options of @n bytes for a hop-by-hop or destination header (without `next header`): PadN full of @fill."""
    return bytes((n // 8 - 1, 1, n - 4)) + bytes((fill,)) * (n - 4)


def routing(segments_left):
    """A routing header of type 0 with one address (without `next header`)."""
    return bytes((2, 0, segments_left)) + bytes(4) + b"\xfd" + bytes(14) + b"\x77"
