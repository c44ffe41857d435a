#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Random Ethernet frames of every size, told apart and checked byte for byte at the far end.

    frames.py send DEV SEED N MTU [PER_SECOND]   send frames 0..N-1
    frames.py check DEV SEED N MTU               take frames until SIGTERM, then print what they were, as JSON

Both ends make the same frames from SEED, so nothing but the seed has to travel.  Frames that are larger than the MTU are
super-frames with an offload header, as a guest's kernel would send them: TCP over IPv4 or IPv6, or UDP (USO).
A frame that arrives is `whole`, or a `part` (a valid TCP packet that holds a range of a larger one, or a datagram of a USO
train), or an error: bytes that nobody sent.
"""
import collections
import json
import random
import signal
import socket
import struct
import sys
import time

SIZE_MIN, SIZE_MAX = 60, 65549
GUEST_GSO_MAX = 64400  # gso_max_size of a guest's interface (src/dp/switch_port.c): larger frames its kernel cuts itself
SRC, DST = bytes.fromhex("02f000000001"), bytes.fromhex("02f000000002")  # of no interface: nobody answers
ETH_ALL, ETH_RAW, ETH_IP4, ETH_IP6, ETH_VLAN = 0x0003, 0x88B5, 0x0800, 0x86DD, 0x8100
TCP, UDP = 6, 17
FIN, PSH, ACK, ECE, CWR = 0x01, 0x08, 0x10, 0x40, 0x80

SOL_PACKET, PACKET_STATISTICS, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 6, 8, 15, 23
TP_STATUS_VLAN_VALID, SO_RCVBUFFORCE = 1 << 4, 33

VNET = struct.Struct("=BBHHHH")  # flags, gso_type, hdr_len, gso_size, csum_start, csum_offset
NEEDS_CSUM = 1
GSO_NONE, GSO_TCP4, GSO_TCP6, GSO_UDP_L4, GSO_ECN = 0, 1, 4, 5, 0x80

Frame = collections.namedtuple("Frame", "vnet data l3 l4 payload kind gso_size")


def fold(data, start=0):
    """The Internet checksum's sum of @data (not inverted)."""
    if len(data) & 1:
        data += b"\0"
    total = start + sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo(data, l3, l4, proto):
    """The sum of the pseudo-header of the packet at @l3 whose L4 part is data[l4:]."""
    addrs = data[l3 + 12:l3 + 20] if data[l3] >> 4 == 4 else data[l3 + 8:l3 + 40]
    return fold(addrs + struct.pack("!HI", proto, len(data) - l4))


def ip4_header(rng, ident, proto, l4_len):
    h = struct.pack("!BBHHHBBH4s4s", 0x45, rng.choice((0, 0, 0x28, 0x2A)), 20 + l4_len, rng.randrange(65536), 0x4000,
                    64, proto, 0, bytes((10,)) + ident.to_bytes(3, "big"), bytes((10, 255, 255, 1)))
    return h[:10] + struct.pack("!H", 0xFFFF ^ fold(h)) + h[12:]


def ip6_header(rng, ident, proto, l4_len):
    flow = 6 << 28 | rng.randrange(1 << 20)
    return struct.pack("!IHBB", flow, l4_len, proto, 64) + bytes.fromhex("fd") + bytes(12) + ident.to_bytes(3, "big") + \
        bytes.fromhex("fd") + bytes(14) + b"\1"


def tcp_header(rng):
    flags = ACK | rng.choice((0, 0, PSH)) | rng.choice((0,) * 9 + (FIN,)) | rng.choice((0,) * 9 + (ECE, CWR))
    options = rng.choice((b"", b"\1\1\x08\x0a" + rng.randbytes(8)))
    return struct.pack("!HHIIBBHHH", rng.randrange(1024, 65536), 443, rng.getrandbits(32), rng.getrandbits(32),
                       (20 + len(options)) // 4 << 4, flags, rng.randrange(65536), 0, 0) + options


def udp_header(rng, length):
    return struct.pack("!HHHH", rng.randrange(1024, 65536), 53, length, 0)


def make(seed, i, mtu):
    """Frame @i of the run @seed."""
    rng = random.Random(seed << 32 | i)
    size = rng.choice((rng.randint(SIZE_MIN, SIZE_MAX), rng.randint(SIZE_MIN, 2000)))
    tag = struct.pack("!HH", ETH_VLAN, rng.randrange(1, 4095)) if rng.random() < 0.2 and size < mtu else b""
    kinds = ("tcp4", "tcp6", "udp4", "udp6") if size > mtu + 14 else ("raw", "tcp4", "tcp6", "udp4", "udp6")
    kind = rng.choice([k for k in kinds if size >= 14 + len(tag) + 40 + 32 + 4 or k == "raw"] or ("raw",))
    eth = DST + SRC + tag
    if kind == "raw":
        head = eth + struct.pack("!HI", ETH_RAW, i)
        return Frame(VNET.pack(0, 0, 0, 0, 0, 0), head + rng.randbytes(size - len(head)), 0, 0, b"", kind, 0)
    return make_ip(rng, i, mtu, size, eth, kind)


def make_ip(rng, i, mtu, size, eth, kind):
    v4, proto = kind.endswith("4"), TCP if kind.startswith("tcp") else UDP
    l3 = len(eth) + 2
    l4 = l3 + (20 if v4 else 40)
    size = min(size, 65535 + (14 if v4 else 54))  # what an IP header can say
    head = tcp_header(rng) if proto == TCP else udp_header(rng, size - l4)
    payload = rng.randbytes(size - l4 - len(head))
    ip = (ip4_header if v4 else ip6_header)(rng, i, proto, size - l4)
    data = bytearray(eth + struct.pack("!H", ETH_IP4 if v4 else ETH_IP6) + ip + head + payload)
    gso_max = mtu - (l4 - l3) - len(head)
    gso = rng.randint(min(536, gso_max), gso_max)
    if proto == UDP:
        gso = max(gso, len(payload) // 60)  # the kernel takes no more than 64 or 128 datagrams at once
    is_super = size - l3 > mtu or rng.random() < 0.3 and len(payload) > gso
    owed = is_super or rng.random() < 0.5
    put_csum(data, l3, l4, proto, owed)
    vnet = (NEEDS_CSUM, GSO_NONE, l4 + len(head), 0, l4, 16 if proto == TCP else 6) if owed else (0,) * 6
    if is_super:
        gso_type = GSO_UDP_L4 if proto == UDP else GSO_TCP4 if v4 else GSO_TCP6
        if proto == TCP and head[13] & CWR:
            gso_type |= GSO_ECN
        vnet = (vnet[0], gso_type, vnet[2], gso, *vnet[4:])
    return Frame(VNET.pack(*vnet), bytes(data), l3, l4, payload, kind, gso if is_super else 0)


def put_csum(data, l3, l4, proto, owed):
    field = l4 + (16 if proto == TCP else 6)
    start = pseudo(data, l3, l4, proto)
    csum = start if owed else 0xFFFF ^ fold(bytes(data[l4:]), start)
    data[field:field + 2] = struct.pack("!H", csum or 0xFFFF if not owed else csum)


class Checker:
    """Knows all frames of a run; tells what one that arrived is."""

    def __init__(self, seed, n, mtu):
        self.seed, self.n, self.mtu = seed, n, mtu
        self.whole = collections.Counter()  # frame: times
        self.parts = collections.defaultdict(list)  # frame: [(first byte, last byte + 1)]
        self.errors, self.n_errors, self.strangers = [], 0, 0

    def take(self, vnet, data):
        if data[6:12] != SRC:
            self.strangers += 1  # the guest's kernel talks too: router solicitations and such
            return
        try:
            self.judge(VNET.unpack(vnet), data)
        except (ValueError, IndexError, struct.error) as e:
            self.n_errors += 1
            if len(self.errors) < 10:
                self.errors.append(f"{e}; {len(data)} bytes, {VNET.unpack(vnet)}: {data[:80].hex()}")

    def judge(self, vnet, data):
        i, l3, l4 = where(data)
        if i >= self.n:
            raise ValueError(f"no frame {i} was sent")
        f = make(self.seed, i, self.mtu)
        if l4 == 0 or len(data) == len(f.data):
            self.judge_whole(i, f, vnet, data)
        elif not f.gso_size and not f.kind.startswith("tcp"):
            raise ValueError(f"frame {i} ({f.kind}) has {len(f.data)} bytes")
        else:
            self.judge_part(i, f, vnet, data, l3, l4)

    def judge_whole(self, i, f, vnet, data):
        if f.l4:
            check_csum(f, vnet, data, f.l3, f.l4)
            # What is left to compare must not depend on who computes the checksum.
            data, sent = without_csum(data, f), without_csum(f.data, f)
        else:
            sent = f.data
        if data != sent:
            at = next((k for k in range(len(sent)) if k >= len(data) or data[k] != sent[k]), len(sent))
            raise ValueError(f"frame {i} ({f.kind}, {len(sent)} bytes) differs from byte {at} on")
        if f.gso_size and vnet[3] != f.gso_size:
            raise ValueError(f"frame {i} ({f.kind}): gso_size {vnet[3]}, sent {f.gso_size}")
        if not f.gso_size and vnet[1]:
            raise ValueError(f"frame {i} ({f.kind}) became a super-frame")
        self.whole[i] += 1

    def judge_part(self, i, f, vnet, data, l3, l4):
        check_ip(data, l3, l4)
        check_csum(f, vnet, data, l3, l4)
        off, length = (tcp_part if f.kind.startswith("tcp") else udp_part)(f, data, l4)
        if vnet[3] != (f.gso_size if length > f.gso_size else 0):
            raise ValueError(f"frame {i}: a part of {length} bytes with gso_size {vnet[3]}, sent {f.gso_size}")
        for k in ip_constant(data, l3):
            if data[k] != f.data[k]:
                raise ValueError(f"frame {i}: byte {k} of a part's headers is {data[k]:#x}, sent {f.data[k]:#x}")
        self.parts[i].append((off, off + length))

    def report(self):
        covered = {i: sum(b - a for a, b in merge(r)) for i, r in self.parts.items()}
        full = {i for i, n in covered.items() if n == len(make(self.seed, i, self.mtu).payload)}
        partly = set(self.parts) - full - set(self.whole)
        return {"sent": self.n, "whole": len(self.whole), "twice": sum(n - 1 for n in self.whole.values()),
                "in_parts": len(full - set(self.whole)), "partly": len(partly),
                "partly_sent_whole": sum(len(make(self.seed, i, self.mtu).data) < GUEST_GSO_MAX for i in partly),
                "missing": self.n - len(set(self.whole) | set(self.parts)),
                "n_parts": sum(map(len, self.parts.values())), "n_errors": self.n_errors, "errors": self.errors,
                "strangers": self.strangers}


def merge(ranges):
    out = []
    for a, b in sorted(ranges):
        if out and a <= out[-1][1]:
            out[-1][1] = max(out[-1][1], b)
        else:
            out.append([a, b])
    return out


def where(data):
    """Which frame this is (or is a part of), and where its L3 and L4 headers are (0: it has none)."""
    l3 = 14
    while data[l3 - 2:l3] == b"\x81\x00":
        l3 += 4
    ethertype = struct.unpack("!H", data[l3 - 2:l3])[0]
    if ethertype == ETH_RAW:
        return struct.unpack("!I", data[l3:l3 + 4])[0], 0, 0
    if ethertype == ETH_IP4:
        return int.from_bytes(data[l3 + 13:l3 + 16], "big"), l3, l3 + 20
    if ethertype == ETH_IP6:
        return int.from_bytes(data[l3 + 21:l3 + 24], "big"), l3, l3 + 40
    raise ValueError(f"ethertype {ethertype:#06x} was never sent")


def without_csum(data, f):
    field = f.l4 + (16 if f.kind.startswith("tcp") else 6)
    return data[:field] + data[field + 2:]


def check_csum(f, vnet, data, l3, l4):
    proto = TCP if f.kind.startswith("tcp") else UDP
    field = l4 + (16 if proto == TCP else 6)
    got, start = struct.unpack("!H", data[field:field + 2])[0], pseudo(data, l3, l4, proto)
    if vnet[0] & NEEDS_CSUM:
        if vnet[4:6] != (l4, field - l4):
            raise ValueError(f"{f.kind}: csum_start, csum_offset are {vnet[4:6]}, not {(l4, field - l4)}")
        if got != start:
            raise ValueError(f"{f.kind}: owed checksum holds {got:#06x}, the pseudo-header's sum is {start:#06x}")
    elif fold(data[l4:], start) != 0xFFFF:
        raise ValueError(f"{f.kind}: L4 checksum {got:#06x} is wrong")


def check_ip(data, l3, l4):
    if data[l3] >> 4 == 4:
        length, ok = struct.unpack("!H", data[l3 + 2:l3 + 4])[0], fold(data[l3:l4]) == 0xFFFF
    else:
        length, ok = struct.unpack("!H", data[l3 + 4:l3 + 6])[0] + 40, True
    if not ok or l3 + length != len(data):
        raise ValueError(f"IP header of a part: length {length} of {len(data) - l3}, checksum {'good' if ok else 'bad'}")


def ip_constant(data, l3):
    """Offsets of the Ethernet and IP bytes that no segmentation may change: all but lengths, IPv4 id and checksum."""
    if data[l3] >> 4 == 4:
        return [k for k in range(l3 + 20) if k - l3 not in (2, 3, 4, 5, 10, 11)]
    return [k for k in range(l3 + 40) if k - l3 not in (4, 5)]


def tcp_part(f, data, l4):
    """Which range of the super-frame's payload a TCP packet holds; ValueError if it is no valid part."""
    h, sent = data[l4:l4 + 20], f.data[l4:l4 + 20]
    hlen = (h[12] >> 4) * 4
    off = (struct.unpack("!I", h[4:8])[0] - struct.unpack("!I", sent[4:8])[0]) & 0xFFFFFFFF
    payload = data[l4 + hlen:]
    if payload != f.payload[off:off + len(payload)] or not payload:
        raise ValueError(f"{f.kind}: payload of a part at offset {off} is not what was sent")
    flags = sent[13]
    if off + len(payload) != len(f.payload):
        flags &= ~(FIN | PSH)
    if off:
        flags &= ~CWR
    if h[13] != flags:
        raise ValueError(f"{f.kind}: flags {h[13]:#04x} at {off}+{len(payload)} of {len(f.payload)}, sent {sent[13]:#04x}")
    if (h[:4], h[8:13], h[14:16], data[l4 + 20:l4 + hlen]) != \
            (sent[:4], sent[8:13], sent[14:16], f.data[l4 + 20:l4 + hlen]):
        raise ValueError(f"{f.kind}: TCP header of a part differs from what was sent")
    return off, len(payload)


def udp_part(f, data, l4):
    """Likewise for a datagram of a USO train (or a shorter train of them)."""
    if data[l4:l4 + 4] != f.data[l4:l4 + 4] or struct.unpack("!H", data[l4 + 4:l4 + 6])[0] != len(data) - l4:
        raise ValueError(f"{f.kind}: UDP header of a part: {data[l4:l4 + 8].hex()}")
    payload = data[l4 + 8:]
    for off in range(0, len(f.payload), f.gso_size):
        if f.payload[off:off + len(payload)] == payload:
            if len(payload) % f.gso_size and off + len(payload) != len(f.payload):
                break
            return off, len(payload)
    raise ValueError(f"{f.kind}: a datagram of {len(payload)} bytes that was never sent (gso_size {f.gso_size})")


def packet_socket(dev, proto):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 512 << 20)
    s.bind((dev, proto))
    return s


def send(dev, seed, n, mtu, per_second=2000):
    s = packet_socket(dev, 0)
    t0 = time.monotonic()
    for i in range(n):
        f = make(seed, i, mtu)
        s.send(f.vnet + f.data)
        wait = t0 + i / per_second - time.monotonic()
        if wait > 0.002:
            time.sleep(wait)
    print(json.dumps({"sent": n, "seconds": round(time.monotonic() - t0, 2)}))


def receive(s):
    """One frame with its VLAN tag put back, or None."""
    try:
        data, aux, _, _ = s.recvmsg(65536 + 64, 64)
    except BlockingIOError:
        return None
    vnet, data = data[:VNET.size], data[VNET.size:]
    for level, kind, value in aux:
        status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", value[:20])
        if level == SOL_PACKET and kind == PACKET_AUXDATA and status & TP_STATUS_VLAN_VALID:
            data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
            v = VNET.unpack(vnet)
            if v[0] & NEEDS_CSUM:
                vnet = VNET.pack(*v[:4], v[4] + 4, v[5])
    return vnet, data


def check(dev, seed, n, mtu):
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    s = packet_socket(dev, ETH_ALL)
    promisc = struct.pack("=iHH8s", socket.if_nametoindex(dev), 1, 0, b"")
    s.setsockopt(SOL_PACKET, 1, promisc)  # PACKET_ADD_MEMBERSHIP
    print("ready", flush=True)
    c = Checker(seed, n, mtu)
    s.settimeout(0)
    while True:
        got = receive(s)
        if got:
            c.take(*got)
        elif stop:
            break
        else:
            time.sleep(0.001)
    lost = struct.unpack("=II", s.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
    print(json.dumps({**c.report(), "not_captured": lost}))
    return 1 if c.n_errors else 0


def main(args):
    what, dev, numbers = args[0], args[1], [int(x) for x in args[2:]]
    return (send if what == "send" else check)(dev, *numbers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
