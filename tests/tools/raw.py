#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plain Ethernet frames, numbered, between guests.

    raw.py send DEV SRC DST N SIZE ETHERTYPE   send N frames
    raw.py count DEV SRC ETHERTYPE             count the frames from SRC that arrive until SIGTERM; JSON
"""
import collections
import json
import signal
import socket
import struct
import sys
import time

ETH_ALL = 3
PACKET_OUTGOING = 4


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def send(dev, src, dst, n, size, ethertype):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((dev, 0))
    head = mac(dst) + mac(src) + struct.pack("!H", int(ethertype, 16))
    for i in range(int(n)):
        s.send((head + struct.pack("!I", i)).ljust(int(size), b"\0"))
        if i % 100 == 99:
            time.sleep(0.002)  # what is measured is the relay, not how long its receive ring is on a busy machine


def count(dev, src, ethertype):
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    s.bind((dev, ETH_ALL))
    promisc = struct.pack("=iHH8s", socket.if_nametoindex(dev), 1, 0, b"")
    s.setsockopt(263, 1, promisc)  # SOL_PACKET, PACKET_ADD_MEMBERSHIP
    s.setblocking(False)
    seen, last, backwards = collections.Counter(), b"", 0
    print("ready", flush=True)
    while True:
        try:
            data, addr = s.recvfrom(65536)
        except BlockingIOError:
            if stop:
                break
            time.sleep(0.005)
            continue
        if data[6:12] == mac(src) and data[12:14].hex() == ethertype and addr[2] != PACKET_OUTGOING:
            seen[data[14:18]] += 1
            backwards += data[14:18] < last
            last = max(last, data[14:18])
    print(json.dumps({"different": len(seen), "frames": sum(seen.values()), "backwards": backwards}))


if __name__ == "__main__":
    sys.exit({"send": send, "count": count}[sys.argv[1]](*sys.argv[2:]))
