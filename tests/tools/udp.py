#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""UDP between two guests, every byte checked.

    udp.py echo PORT                     answer every datagram with itself, until killed
    udp.py ask ADDRESS PORT SIZE..       send one datagram of each size, wait for the same bytes; exit code 1 if not
    udp.py burst ADDRESS PORT SIZE N M   N sends of M datagrams of SIZE bytes in one piece (UDP_SEGMENT), numbered
    udp.py sink PORT SIZE TOTAL          take the datagrams of a burst, check them; JSON; exit code 1 if any was wrong
"""
import json
import random
import socket
import struct
import sys

UDP_SEGMENT, SO_RCVBUFFORCE = 103, 33
ANSWER_S = 3
QUIET_S = 2


def bound(port):
    """A socket for both families."""
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    s.bind(("::", port))
    print("ready", flush=True)
    return s


def connected(addr, port):
    s = socket.socket(socket.AF_INET6 if ":" in addr else socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((addr, port))
    return s


def content(number, size):
    """The bytes of a numbered datagram: the same at both ends."""
    return (struct.pack("!I", number) + random.Random(number).randbytes(size))[:size]


def echo(port):
    s = bound(port)
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(data, peer)


def answer_to(s, data, earlier):
    """What is wrong with the answer to @data, or None.  A wire may deliver an earlier one once more."""
    while True:
        try:
            got = s.recv(65536)
        except socket.timeout:
            return "no answer"
        if got == data:
            return None
        if got not in earlier:
            return "other bytes came back"


def ask(addr, port, sizes):
    s = connected(addr, port)
    s.settimeout(ANSWER_S)
    bad, earlier = [], set()
    for size in sizes:
        data = random.randbytes(size)
        s.send(data)
        wrong = answer_to(s, data, earlier)
        if wrong:
            bad.append(f"{size}: {wrong}")
        earlier.add(data)
    print(json.dumps({"asked": len(sizes), "bad": bad}))
    return 1 if bad else 0


def burst(addr, port, size, n_sends, n_datagrams):
    s = connected(addr, port)
    s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    for i in range(n_sends):
        first = i * n_datagrams
        s.send(b"".join(content(first + k, size) for k in range(n_datagrams)))
    return 0


def sink(port, size, total):
    s = bound(port)
    n = n_bad = n_out_of_order = 0
    last = -1
    while n < total:
        try:
            data = s.recv(65536)
        except socket.timeout:
            break
        s.settimeout(QUIET_S)
        n += 1
        number = struct.unpack("!I", data[:4])[0]
        n_bad += data != content(number, size)
        n_out_of_order += number < last
        last = number
    print(json.dumps({"received": n, "bad": n_bad, "out_of_order": n_out_of_order}))
    return 1 if n_bad else 0


def main(args):
    what, args = args[0], args[1:]
    if what in ("echo", "sink"):
        return {"echo": echo, "sink": sink}[what](*[int(x) for x in args])
    if what == "ask":
        return ask(args[0], int(args[1]), [int(x) for x in args[2:]])
    return burst(args[0], *[int(x) for x in args[1:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
