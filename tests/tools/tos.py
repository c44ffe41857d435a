#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tos.py PORT: take one UDP datagram; print the TOS byte it came with as JSON, null if none comes within a second."""
import json
import socket
import sys

IP_RECVTOS = 13

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)
s.bind(("", int(sys.argv[1])))
print("ready", flush=True)
s.settimeout(1)
try:
    aux = s.recvmsg(2048, 64)[1]
    print(json.dumps(next(v[0] for level, kind, v in aux if (level, kind) == (0, 1))))
except socket.timeout:
    print("null")
