# SPDX-License-Identifier: BSD-3-Clause
"""A TAP device that takes super-frames inside UDP tunnels and sends them through another device, whose kernel cuts them.

Packet sockets cannot say that a super-frame is in a tunnel; TAP devices can since Linux 6.17, in a longer header.  A BPF
program on the TAP device's way in hands every packet to the other device's way out.
"""
import fcntl
import os
import socket
import struct

import bpf
import tunnel_gen

TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
F_CSUM, F_TSO4, F_TSO6, F_TSO_ECN, F_USO4, F_USO6, F_TUNNEL, F_TUNNEL_CSUM = 1, 2, 4, 8, 0x20, 0x40, 0x80, 0x100
F_ALL = F_CSUM | F_TSO4 | F_TSO6 | F_TSO_ECN | F_USO4 | F_USO6 | F_TUNNEL | F_TUNNEL_CSUM
TUNNEL_IP4, TUNNEL_IP6 = 0x20, 0x40  # gso_type
TUNNEL_CSUM = 8  # flags
_TAIL = struct.Struct("=HIHHHH")  # n_buffers, hash (value, kind, pad), outer transport header, inner network header
HDR_SIZE = 10 + _TAIL.size
REDIRECT = 23  # helper


class TapGso:
    """Opened in this thread's namespace; OSError where the kernel knows nothing of tunnels here."""

    def __init__(self, name, out_dev):
        self.fd, self.link = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC), -1
        try:
            fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
            fcntl.ioctl(self.fd, TUNSETVNETHDRSZ, struct.pack("=i", HDR_SIZE))
            fcntl.ioctl(self.fd, TUNSETOFFLOAD, F_ALL)
            self.link = bpf.attach(_redirect_to(socket.if_nametoindex(out_dev)), name, bpf.TCX_INGRESS)
        except OSError:
            self.close()
            raise

    def close(self):
        for fd in (self.link, self.fd):
            if fd >= 0:
                os.close(fd)

    def send(self, record):
        """A Record as packet sockets show it, of a packet inside a UDP tunnel; OSError where it is refused."""
        os.write(self.fd, _header(record) + record.data)


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
    return b"".join((bpf.insn(bpf.MOVI, 1, imm=ifindex), bpf.insn(bpf.MOVI, 2), bpf.insn(bpf.CALL, imm=REDIRECT),
                     bpf.insn(bpf.EXIT)))
