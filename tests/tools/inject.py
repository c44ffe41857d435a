#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Send hand-made packets from this namespace: one line of stdin each, as
    udp SOURCE SPORT DESTINATION DPORT TOS HEX
    ip SOURCE PROTOCOL DESTINATION TOS HEX
HEX is what follows the UDP or IP header; the kernel makes those, so SOURCE must be an address of this namespace.
"""
import socket
import sys

sockets = {}


def opened(kind, src, number):
    """The socket for packets of that source, made when first needed."""
    key = kind, src, number
    if key not in sockets:
        family = socket.AF_INET6 if ":" in src else socket.AF_INET
        if kind == "udp":
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.bind((src, number))
        else:
            s = socket.socket(family, socket.SOCK_RAW, number)
            s.bind((src, 0))
        sockets[key] = s
    return sockets[key]


def send(s, dst, port, tos, data):
    if s.family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, tos)
    else:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
    s.sendto(data, (dst, port))


def main():
    for line in sys.stdin:
        kind, src, number, dst, *rest = line.split()
        port = int(rest.pop(0)) if kind == "udp" else 0
        tos, data = int(rest[0]), bytes.fromhex(rest[1] if len(rest) > 1 else "")
        send(opened(kind, src, int(number)), dst, port, tos, data)


if __name__ == "__main__":
    main()
