# SPDX-License-Identifier: BSD-3-Clause
"""Packets made by hand, header by header, and sent from a host's namespace as if they came from a tunnel there."""
import struct

from capture import checksum
from lab import VNI
from traffic import tool

VXLAN_PORT, SCLP_PORT, SCLP_PROTO = 4789, 4234, 234
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def eth(dst, src, ethertype, payload):
    return (mac(dst) + mac(src) + struct.pack("!H", ethertype) + payload).ljust(60, b"\0")


def marker(src, number=0):
    """A frame that raw.py counts."""
    return eth(BROADCAST, src, 0x88B5, struct.pack("!I", number))


def ip4(src, dst, proto, payload, tos=0):
    pack = [0x45, tos, 20 + len(payload), 1, 0, 64, proto, 0, *[bytes(map(int, a.split("."))) for a in (src, dst)]]
    head = struct.pack("!BBHHHBBH4s4s", *pack)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp4(src, dst, sport, dport, payload, tos=0):
    """An IPv4 packet without a UDP checksum."""
    return ip4(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload, tos)


def vxlan(frame, vni=VNI, flags=0x08, reserved=0):
    return struct.pack("!II", flags << 24 | reserved, vni << 8) + frame


def sclp(frame, sizes=(), ident=1, sport=50000, dport=VXLAN_PORT, csum=False):
    """@frame as segments of @sizes payload bytes, the rest in the last one."""
    out, off = [], 0
    for size in [*sizes, len(frame)]:
        part = frame[off:off + size]
        off += len(part)
        seg = struct.pack("!HHIHH", sport, dport, ident << 1 | (not out), len(frame) - off, 0) + part
        if csum:
            seg = seg[:10] + struct.pack("!H", checksum(seg) or 0xFFFF) + seg[12:]
        out.append(seg)
        if off == len(frame):
            break
    return out


class Injector:
    """Sends to the daemon of host @dst from host @src, in the form of the tunnel's transport."""

    def __init__(self, src, dst, transport, family=4, source=None):
        self.src, self.dst, self.transport = src, dst.addr(family), transport
        self.source = source or src.addr(family)
        self.lines = []

    def raw(self, data, tos=0, sport=50000):
        """@data as it is behind the outer UDP or IP header."""
        if self.transport == "sclp-ip":
            self.lines.append(f"ip {self.source} {SCLP_PROTO} {self.dst} {tos} {data.hex()}")
        else:
            port = VXLAN_PORT if self.transport == "vxlan-udp" else SCLP_PORT
            self.lines.append(f"udp {self.source} {sport} {self.dst} {port} {tos} {data.hex()}")
        return self

    def frame(self, packet, sizes=(), tos=0, ident=1):
        """A whole VXLAN @packet; over SCLP in segments, @tos being a list where they differ."""
        if self.transport == "vxlan-udp":
            return self.raw(packet, tos)
        segs = sclp(packet, sizes, ident, csum=self.transport == "sclp-ip")
        for i, seg in enumerate(segs):
            self.raw(seg, tos[i] if isinstance(tos, (list, tuple)) else tos)
        return self

    def send(self):
        self.src.run(tool("inject.py"), input="\n".join(self.lines) + "\n", stdin=None)
        self.lines.clear()
