# SPDX-License-Identifier: BSD-3-Clause
"""VLAN tags as a network card hands them over: beside the packet, not in it.

Packet sockets send tags as bytes of the frame, which GRO understands only in kernels built with VLAN devices.  A BPF
program on a device's way out takes the tag off and puts it on again, which leaves it beside the packet.
"""
import socket

from bpf import ADDI, BE, CALL, EXIT, JNEI, LDH, LDW, MOV, MOVI, TCX_EGRESS, insn
from bpf import attach as bpf_attach

SKB_LOAD_BYTES, VLAN_PUSH, VLAN_POP = 26, 18, 19  # helpers
SKB_PROTOCOL = 16  # offset in struct __sk_buff
TPID = socket.htons(0x8100)
TCI_OFF = 14

PROGRAM = b"".join((
    insn(MOV, 6, 1),
    insn(LDW, 2, 6, SKB_PROTOCOL),
    insn(JNEI, 2, 0, 15, TPID),  # to the end
    insn(MOV, 1, 6),  # load_bytes(skb, TCI_OFF, stack, 2)
    insn(MOVI, 2, imm=TCI_OFF),
    insn(MOV, 3, 10),
    insn(ADDI, 3, imm=-8),
    insn(MOVI, 4, imm=2),
    insn(CALL, imm=SKB_LOAD_BYTES),
    insn(JNEI, 0, 0, 8, 0),  # to the end
    insn(LDH, 7, 10, -8),
    insn(BE, 7, imm=16),
    insn(MOV, 1, 6),
    insn(CALL, imm=VLAN_POP),
    insn(MOV, 1, 6),  # push(skb, TPID, tci)
    insn(MOVI, 2, imm=TPID),
    insn(MOV, 3, 7),
    insn(CALL, imm=VLAN_PUSH),
    insn(MOVI, 0, imm=-1),  # go on
    insn(EXIT),
))


def attach(dev):
    """Put the program on @dev of this thread's namespace; return the file descriptor that keeps it there.  OSError."""
    return bpf_attach(PROGRAM, dev, TCX_EGRESS)
