# SPDX-License-Identifier: BSD-3-Clause
"""BPF programs for packets on their way into or out of a device, loaded without any tool."""
import ctypes
import os
import platform
import socket
import struct

MAP_CREATE, MAP_UPDATE, PROG_LOAD, LINK_CREATE = 0, 2, 5, 28
ARRAY = 2
SCHED_CLS, TCX_INGRESS, TCX_EGRESS = 3, 46, 47
SYS_BPF = {"x86_64": 321, "aarch64": 280}
ATTR_SIZE = 128

# Operations
MOV, MOVI, ADDI, CALL, EXIT, JNEI = 0xBF, 0xB7, 0x07, 0x85, 0x95, 0x55
LDW, LDH, LDDW, BE = 0x61, 0x69, 0x79, 0xDC
STWI, ANDI, LDI64, JEQI, MAP_FD = 0x62, 0x57, 0x18, 0x15, 1


def insn(op, dst=0, src=0, off=0, imm=0):
    return struct.pack("=BBhi", op, dst | src << 4, off, imm)


def map_of_one(size):
    """A map with one element of @size bytes: its file descriptor.  OSError."""
    return _bpf(MAP_CREATE, struct.pack("=IIII", ARRAY, 4, size, 1))


def map_set(fd, value):
    """Make @value that element; OSError."""
    key, buf = ctypes.create_string_buffer(4), ctypes.create_string_buffer(value, len(value))
    _bpf(MAP_UPDATE, struct.pack("=IxxxxQQQ", fd, ctypes.addressof(key), ctypes.addressof(buf), 0))


def attach(program, dev, where):
    """Put @program on @dev of this thread's namespace; return the file descriptor that keeps it there.  OSError."""
    insns, licence = ctypes.create_string_buffer(program), ctypes.create_string_buffer(b"BSD")
    prog = _bpf(PROG_LOAD, struct.pack("=IIQQ", SCHED_CLS, len(program) // 8, ctypes.addressof(insns),
                                       ctypes.addressof(licence)))
    try:
        return _bpf(LINK_CREATE, struct.pack("=IIII", prog, socket.if_nametoindex(dev), where, 0))
    finally:
        os.close(prog)


def _bpf(cmd, attr):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(SYS_BPF[platform.machine()], cmd, ctypes.create_string_buffer(attr, ATTR_SIZE), ATTR_SIZE)
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "bpf")
    return fd
