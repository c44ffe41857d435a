# SPDX-License-Identifier: BSD-3-Clause
"""VLAN tags as a network card hands them over: beside the packet, not in it.

Packet sockets send tags as bytes of the frame, which GRO understands only in kernels built with VLAN devices.  A BPF
program on a device's way out takes the tag off and puts it on again, which leaves it beside the packet.
"""
import ctypes
import os
import platform
import socket
import struct

BPF_PROG_LOAD, BPF_LINK_CREATE = 5, 28
SCHED_CLS, TCX_EGRESS = 3, 47
SYS_BPF = {"x86_64": 321, "aarch64": 280}
ATTR_SIZE = 128
SKB_LOAD_BYTES, VLAN_PUSH, VLAN_POP = 26, 18, 19  # helpers
SKB_PROTOCOL = 16  # offset in struct __sk_buff
TPID = socket.htons(0x8100)
TCI_OFF = 14

_MOV, _MOVI, _ADDI, _CALL, _EXIT, _JNEI = 0xBF, 0xB7, 0x07, 0x85, 0x95, 0x55
_LDW, _LDH, _BE = 0x61, 0x69, 0xDC


def _insn(op, dst=0, src=0, off=0, imm=0):
    return struct.pack("=BBhi", op, dst | src << 4, off, imm)


PROGRAM = b"".join((
    _insn(_MOV, 6, 1),
    _insn(_LDW, 2, 6, SKB_PROTOCOL),
    _insn(_JNEI, 2, 0, 15, TPID),  # to the end
    _insn(_MOV, 1, 6),  # load_bytes(skb, TCI_OFF, stack, 2)
    _insn(_MOVI, 2, imm=TCI_OFF),
    _insn(_MOV, 3, 10),
    _insn(_ADDI, 3, imm=-8),
    _insn(_MOVI, 4, imm=2),
    _insn(_CALL, imm=SKB_LOAD_BYTES),
    _insn(_JNEI, 0, 0, 8, 0),  # to the end
    _insn(_LDH, 7, 10, -8),
    _insn(_BE, 7, imm=16),
    _insn(_MOV, 1, 6),
    _insn(_CALL, imm=VLAN_POP),
    _insn(_MOV, 1, 6),  # push(skb, TPID, tci)
    _insn(_MOVI, 2, imm=TPID),
    _insn(_MOV, 3, 7),
    _insn(_CALL, imm=VLAN_PUSH),
    _insn(_MOVI, 0, imm=-1),  # go on
    _insn(_EXIT),
))


def attach(dev):
    """Put the program on @dev of this thread's namespace; return the file descriptor that keeps it there.  OSError."""
    insns, licence = ctypes.create_string_buffer(PROGRAM), ctypes.create_string_buffer(b"BSD")
    prog = _bpf(BPF_PROG_LOAD, struct.pack("=IIQQ", SCHED_CLS, len(PROGRAM) // 8, ctypes.addressof(insns),
                                           ctypes.addressof(licence)))
    try:
        return _bpf(BPF_LINK_CREATE, struct.pack("=IIII", prog, socket.if_nametoindex(dev), TCX_EGRESS, 0))
    finally:
        os.close(prog)


def _bpf(cmd, attr):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(SYS_BPF[platform.machine()], cmd, ctypes.create_string_buffer(attr, ATTR_SIZE), ATTR_SIZE)
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "bpf")
    return fd
