# SPDX-License-Identifier: BSD-3-Clause
"""TAP devices that take super-frames inside tunnels and send them through another device, whose kernel cuts them.

Packet sockets cannot say that a super-frame is in a tunnel; TAP devices can since Linux 6.17, in a longer header.  A BPF
program on the TAP device's way in hands every packet to the other device's way out.

But they know of UDP tunnels only.  Into GRE another such program puts the super-frame: it makes room for the headers in
front, which tells the kernel what they are, and writes them there.  Not of every shape: no options or extension headers
outside, no VLAN tags, no checksum of GRE.
"""
import fcntl
import os
import socket
import struct

import bpf
import tunnel_gen
from bpf import insn

TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
F_CSUM, F_TSO4, F_TSO6, F_TSO_ECN, F_USO4, F_USO6, F_TUNNEL, F_TUNNEL_CSUM = 1, 2, 4, 8, 0x20, 0x40, 0x80, 0x100
F_PLAIN = F_CSUM | F_TSO4 | F_TSO6 | F_TSO_ECN | F_USO4 | F_USO6
F_ALL = F_PLAIN | F_TUNNEL | F_TUNNEL_CSUM
TUNNEL_IP4, TUNNEL_IP6 = 0x20, 0x40  # gso_type
TUNNEL_CSUM = 8  # flags
_TAIL = struct.Struct("=HIHHHH")  # n_buffers, hash (value, kind, pad), outer transport header, inner network header
HDR_SIZE = 10 + _TAIL.size
ETH_HLEN = 14
MAP_LOOKUP, STORE_BYTES, REDIRECT, ADJUST_ROOM = 1, 9, 23, 50  # helpers
ROOM_MAC, DROP = 1, 2  # where the room is; the verdict
ROOM_FIXED_GSO, ROOM_IPV4, ROOM_IPV6, ROOM_GRE, ROOM_ETHERNET = 1, 2, 4, 8, 0x40  # of what kind
_HEADERS = struct.Struct("=IIQ256s")  # bytes of room, of headers less 1, kind, headers
_HEADERS_OFF = _HEADERS.size - 256


class TapGso:
    """Opened in this thread's namespace; OSError where the kernel knows nothing of tunnels here."""

    offloads = F_ALL

    def __init__(self, name, out_dev):
        self.fd, self.link = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC), -1
        try:
            fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
            fcntl.ioctl(self.fd, TUNSETVNETHDRSZ, struct.pack("=i", HDR_SIZE))
            fcntl.ioctl(self.fd, TUNSETOFFLOAD, self.offloads)
            self.link = bpf.attach(self._program(socket.if_nametoindex(out_dev)), name, bpf.TCX_INGRESS)
        except OSError:
            self.close()
            raise

    def close(self):
        for fd in (self.link, self.fd):
            if fd >= 0:
                os.close(fd)

    def _program(self, ifindex):
        return _redirect_to(ifindex)

    def send(self, record):
        """A Record as packet sockets show it, of a packet inside a UDP tunnel; OSError where it is refused."""
        os.write(self.fd, _header(record) + record.data)


class TapGre(TapGso):
    """The same for GRE."""

    offloads = F_PLAIN

    def __init__(self, name, out_dev):
        self.headers = bpf.map_of_one(_HEADERS.size)
        super().__init__(name, out_dev)

    def close(self):
        super().close()
        os.close(self.headers)

    def _program(self, ifindex):
        return _gre_to(ifindex, self.headers)

    def send(self, record):
        (vnet, data), inner = record, tunnel_gen.inner(record.data)
        bpf.map_set(self.headers, _gre_headers(data, inner))
        less = inner.l3 - ETH_HLEN
        vnet = vnet._replace(hdr_len=vnet.hdr_len - less, csum_start=vnet.csum_start - less)
        ethertype = b"\x08\x00" if data[inner.l3] >> 4 == 4 else b"\x86\xdd"
        os.write(self.fd, vnet.pack() + bytes(_TAIL.size) + data[:12] + ethertype + data[inner.l3:])


def _gre_headers(data, inner):
    """What the program needs to put the packet behind @inner.l3 into GRE."""
    flags = ROOM_FIXED_GSO | ROOM_GRE | (ROOM_IPV4 if data[inner.outer_l3] >> 4 == 4 else ROOM_IPV6)
    if inner.l2 != inner.l3:
        flags |= ROOM_ETHERNET | inner.l3 - inner.l2 << 56
    return _HEADERS.pack(inner.l3 - ETH_HLEN, inner.l3 - 1, flags, data[:inner.l3])


def _gre_to(ifindex, headers):
    """A program: put the packet into what @headers says, then to that device.  What goes wrong loses the packet."""
    tail = (insn(bpf.MOVI, 1, imm=ifindex), insn(bpf.MOVI, 2), insn(bpf.CALL, imm=REDIRECT), insn(bpf.EXIT),
            insn(bpf.MOVI, 0, imm=DROP), insn(bpf.EXIT))
    store = (insn(bpf.MOV, 1, 6), insn(bpf.MOVI, 2), insn(bpf.MOV, 3, 7), insn(bpf.ADDI, 3, imm=_HEADERS_OFF),
             insn(bpf.LDW, 4, 7, 4), insn(bpf.ANDI, 4, imm=0xFF), insn(bpf.ADDI, 4, imm=1), insn(bpf.MOVI, 5),
             insn(bpf.CALL, imm=STORE_BYTES), insn(bpf.JNEI, 0, off=4, imm=0))
    room = (insn(bpf.MOV, 7), insn(bpf.MOV, 1, 6), insn(bpf.LDW, 2, 7), insn(bpf.MOVI, 3, imm=ROOM_MAC),
            insn(bpf.LDDW, 4, 7, 8), insn(bpf.CALL, imm=ADJUST_ROOM), insn(bpf.JNEI, 0, off=len(store) + 4, imm=0))
    look_up = (insn(bpf.MOV, 6, 1), insn(bpf.STWI, 10, off=-4), insn(bpf.MOV, 2, 10), insn(bpf.ADDI, 2, imm=-4),
               insn(bpf.LDI64, 1, bpf.MAP_FD, imm=headers), insn(0), insn(bpf.CALL, imm=MAP_LOOKUP),
               insn(bpf.JEQI, 0, off=len(room) + len(store) + 4))
    return b"".join((*look_up, *room, *store, *tail))


def can_be_gre(record):
    """Can TapGre take this Record of a packet inside GRE?"""
    inner = tunnel_gen.inner(record.data)
    l3_hlen = 20 if record.data[inner.outer_l3] >> 4 == 4 else 40
    return (inner.outer_l3, inner.tunnel) == (ETH_HLEN, ETH_HLEN + l3_hlen) and not record.data[inner.tunnel] & 0x80 and \
        inner.l3 - inner.l2 in (0, ETH_HLEN)


def in_tunnel(record):
    """Does the header of @record speak of a packet inside a tunnel?"""
    inner = tunnel_gen.inner(record.data)
    return inner is not None and inner.l2 < record.vnet.csum_start


def _header(record):
    vnet, data = record
    inner = tunnel_gen.inner(data)
    has_csum = data[inner.tunnel + 6:inner.tunnel + 8] != b"\0\0"
    vnet = vnet._replace(flags=vnet.flags | (TUNNEL_CSUM if has_csum else 0),
                         gso_type=vnet.gso_type | (TUNNEL_IP4 if data[inner.outer_l3] >> 4 == 4 else TUNNEL_IP6))
    return vnet.pack() + _TAIL.pack(0, 0, 0, 0, inner.tunnel, inner.l3)


def _redirect_to(ifindex):
    return b"".join((insn(bpf.MOVI, 1, imm=ifindex), insn(bpf.MOVI, 2), insn(bpf.CALL, imm=REDIRECT), insn(bpf.EXIT)))
