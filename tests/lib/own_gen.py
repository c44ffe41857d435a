# SPDX-License-Identifier: BSD-3-Clause
"""What struct virtio_net_hdr has no gso_type for, as a Gen: SCTP, and segments of the opaque frames of STT and SCLP.

The kernel cannot be given their super-frames: its SCTP may not be built in, and STT and SCLP it does not know.
"""
import dataclasses
import struct

from frame_gen import NEEDS_CSUM, PSH, Gen, Record, Vnet

OWN_GSO = 0x10  # tests/tools/offload_cli
GSO_SCTP, GSO_SCLP, GSO_STT = OWN_GSO + 5, OWN_GSO + 6, OWN_GSO + 7
SCTP_HLEN, DATA_HLEN, STT_HLEN, SCLP_HLEN = 12, 16, 18, 12
STT_PORT, SCLP_PORT = 7471, 4234


def crc32c(data):
    """As it stands in the packet: not ours."""
    from scapy.layers.sctp import crc32c as scapy_crc32c

    return struct.pack("!I", scapy_crc32c(data))


@dataclasses.dataclass(frozen=True)
class Sctp(Gen):
    """A packet of DATA chunks, each a whole message."""

    l4: str = "sctp"
    tag: int = 0x12345678
    tsn: int = 0xFFFFFFFC
    sizes: tuple = (1000,)  # of the messages

    def __post_init__(self):
        object.__setattr__(self, "plen", sum(map(room, self.sizes)))

    @property
    def pay_off(self):
        return self.l4_off + SCTP_HLEN

    def next(self):
        return self.edit(tsn=self.tsn + len(self.sizes) & 0xFFFFFFFF, id=(self.id + 1) & 0xFFFF,
                         pos=self.pos + sum(self.sizes))

    def tsns(self):
        return [self.tsn + i & 0xFFFFFFFF for i in range(len(self.sizes))]

    def cut(self, gso_size):
        """The packets that this one becomes, each as full as can be."""
        out, g, parts, at = [], self, [[]], 0
        for size in self.sizes:
            if parts[-1] and sum(map(room, parts[-1])) + room(size) > gso_size:
                parts.append([])
            parts[-1].append(size)
        for part in parts:
            g = self.edit(sizes=tuple(part), tsn=self.tsn + at & 0xFFFFFFFF, id=self.id + len(out) & 0xFFFF,
                          pos=self.pos + sum(self.sizes[:at]))
            out.append(g)
            at += len(part)
        return out

    def super(self, gso_size):
        return Record(Vnet(NEEDS_CSUM, GSO_SCTP, self.pay_off, gso_size, self.l4_off, 8), self.owing())

    def whole(self):
        """The Record of one packet that owes its checksum."""
        return Record(self.super(0).vnet._replace(gso_type=0), self.owing())

    def _l4(self):
        out, pos = [struct.pack("!HHII", self.sport, self.dport, self.tag, 0)], self.pos
        for tsn, size in zip(self.tsns(), self.sizes):
            message = Gen(pos=pos, plen=size).payload()
            out.append(struct.pack("!BBHIHHI", 0, 3, DATA_HLEN + size, tsn, 1, tsn & 0xFFFF, 0) + message + bytes(-size % 4))
            pos += size
        return b"".join(out)

    def _put_csum(self, l4, owed):
        l4[8:12] = bytes(4) if owed else bytes(x ^ y for x, y in zip(crc32c(bytes(l4)), struct.pack("!I", self.csum_xor)))


@dataclasses.dataclass(frozen=True)
class Heartbeat(Sctp):
    """What asks for an answer, instead of DATA."""

    def _l4(self):
        return struct.pack("!HHIIBBHHHI", self.sport, self.dport, self.tag, 0, 4, 0, 12, 1, 8, 77)


def room(size):
    """Bytes of the chunk with a message of @size."""
    return DATA_HLEN + size + -size % 4


@dataclasses.dataclass(frozen=True)
class Stt(Gen):
    """All of an STT frame as one segment; @body: the Ethernet frame in it."""

    dport: int = STT_PORT
    ack: int = 5  # names the frame
    flags: int = 0x10 | PSH
    body: bytes = b""

    def payload(self):
        return struct.pack("!BBBBHHQH", 0, 0, 0, 0, 0, 0, 9, 0) + self.body

    def of(self, body):
        plen = STT_HLEN + len(body)
        return self.edit(body=body, plen=plen, seq=plen << 16)

    def super(self, gso_size):
        record = super().super(gso_size)
        return record._replace(vnet=record.vnet._replace(gso_type=GSO_STT))


@dataclasses.dataclass(frozen=True)
class Sclp(Gen):
    """An SCLP frame over UDP as one segment."""

    l4: str = "udp"
    dport: int = SCLP_PORT
    body: bytes = b""

    def payload(self):
        return struct.pack("!HHIHH", 50000, 4789, 7 << 1 | 1, 0, 0) + self.body

    @property
    def pay_off(self):
        return self.l4_off + 8 + SCLP_HLEN

    def of(self, body):
        return self.edit(body=body, plen=SCLP_HLEN + len(body))

    def super(self, gso_size):
        return Record(Vnet(NEEDS_CSUM, GSO_SCLP, self.pay_off, gso_size, self.l4_off, 6), self.owing())
