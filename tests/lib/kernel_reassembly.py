# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's IP as a receiver of fragments.

    with KernelReassembly() as kernel:
        kernel.datagrams(frames)    # the UDP payloads that a socket got

gso0 and gso1 are a veth pair; gso1 has the addresses that a Gen sends to.  Up to two VLAN tags are taken off before IP sees
a packet, for not every kernel has VLAN devices.
"""
import os
import socket

import bpf
from bpf import insn
from frame_gen import Gen
from kernel_offload import KernelOffload, in_namespace, one_cpu
from vlan_accel import VLAN_POP

MAC, ADDRESSES = "02:f0:00:00:00:02", ("10.0.0.254/24", "fd00::fe/64")
ROOM = 8 << 20
SO_RCVBUFFORCE = 33
VLAN_PRESENT = 20  # offset in struct __sk_buff
_POP = (insn(bpf.LDW, 2, 6, VLAN_PRESENT), insn(bpf.JEQI, 2, off=2), insn(bpf.MOV, 1, 6), insn(bpf.CALL, imm=VLAN_POP))
UNTAG = b"".join((insn(bpf.MOV, 6, 1), *_POP, *_POP, insn(bpf.MOVI, 0, imm=-1), insn(bpf.EXIT)))


class KernelReassembly(KernelOffload):
    def _build(self):
        self.receivers, self.untag = [], -1
        ns = self.ns
        ns.ip("link", "add", "gso0", "type", "veth", "peer", "name", "gso1", "address", MAC)
        ns.run(["ethtool", "-K", "gso1", "gro", "off"])
        for dev in ("gso0", "gso1"):
            ns.ip("link", "set", dev, "mtu", 65535, "up")
        for addr in ADDRESSES:
            ns.ip("addr", "add", addr, "dev", "gso1", *(["nodad"] if ":" in addr else []))
        in_namespace(ns, self._open)

    def _open(self):
        self.open_sockets(("gso0", "gso1"))
        self.untag = bpf.attach(UNTAG, "gso1", bpf.TCX_INGRESS)
        for family, any_addr in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            s = socket.socket(family, socket.SOCK_DGRAM)
            self.receivers.append(s)
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind((any_addr, Gen.dport))
            s.setblocking(False)

    def close(self):
        for s in getattr(self, "receivers", []):
            s.close()
        if getattr(self, "untag", -1) >= 0:
            os.close(self.untag)
        super().close()

    def datagrams(self, frames):
        """What was received when the last of @frames had been taken."""
        with one_cpu():
            for frame in frames:
                self._send("gso0", bytes(10) + frame)
            self._until_marker("gso", self._mark("gso0"))
        return [data for s in self.receivers for data in _all(s)]


def _all(sock):
    while True:
        try:
            yield sock.recv(1 << 16)
        except BlockingIOError:
            return
