# SPDX-License-Identifier: BSD-3-Clause
"""What crosses a wire: tcpdump while a block runs, then the packets, as tshark and as our own decoder see them.

    with Capture(host, "udp port 4789") as cap:
        ...
    for p in cap.packets(): p.proto, p.src, p.payload ..
    cap.fields("udp.srcport", "udp.checksum.status")

It looks at what leaves the host, behind segmentation and before the receiver's GRO: packets as the wire carries them.
Checksums must not be left to a device that does not exist: see no_csum_offload().
"""
import collections
import itertools
import os
import struct
import time

from netns import LabError, run, wait_for

_serial = itertools.count()
Packet = collections.namedtuple("Packet", "frame family src dst proto tos df ttl l3_len payload")
Segment = collections.namedtuple("Segment", "sport dport ident first remaining check payload")


def no_csum_offload(host):
    """Let the kernel compute checksums before the wire, so that what is captured is what a real wire would carry."""
    host.run(["ethtool", "-K", "wire", "tx", "off"])


class Capture:
    def __init__(self, host, expr="", dev="wire", direction="out"):
        self.host, self.path = host, os.path.join(host.log_dir, f"{host.name}-{next(_serial)}.pcap")
        self.cmd = ["tcpdump", "-i", dev, "-n", "-U", "--immediate-mode", "-B", "65536", "-s", "2000", "-Q", direction, "-w", self.path,
                    *([expr] if expr else [])]

    def __enter__(self):
        self.job = self.host.start(self.cmd, name=os.path.basename(self.path))
        wait_for("tcpdump", lambda: "listening on" in self.job.output(), 5, self.job)
        return self

    def __exit__(self, *_exc):
        time.sleep(0.1)  # for what is still between the wire and the file
        self.job.stop()
        if "\n0 packets dropped by kernel" not in self.job.output():
            raise LabError(f"tcpdump: {self.job.tail()}")

    def frames(self):
        """All frames, Ethernet header included."""
        with open(self.path, "rb") as f:
            data = f.read()
        off, out = 24, []
        while off + 16 <= len(data):
            n = struct.unpack("=I", data[off + 8:off + 12])[0]
            out.append(data[off + 16:off + 16 + n])
            off += 16 + n
        return out

    def packets(self):
        """The IP packets."""
        return [p for p in map(ip_packet, self.frames()) if p]

    def fields(self, *names, filt="", decode=()):
        """What tshark says: a list of dicts, a value being a string ("" where there is none)."""
        args = [x for n in names for x in ("-e", n)]
        args += [x for d in decode for x in ("-d", d)]
        p = run(["tshark", "-r", self.path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f",
                 "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", *args, *(["-Y", filt] if filt else [])])
        return [dict(zip(names, line.split("|"))) for line in p.stdout.splitlines()]


def ip_packet(frame):
    """A Packet, or None if the frame holds no IP."""
    ethertype, ip = struct.unpack("!H", frame[12:14])[0], frame[14:]
    if ethertype == 0x0800:
        length, frag = struct.unpack("!H", ip[2:4])[0], struct.unpack("!H", ip[6:8])[0]
        hlen = (ip[0] & 15) * 4
        return Packet(frame, 4, ip[12:16], ip[16:20], ip[9], ip[1], bool(frag & 0x4000), ip[8], length, ip[hlen:length])
    if ethertype == 0x86DD:
        length = 40 + struct.unpack("!H", ip[4:6])[0]
        tos = struct.unpack("!H", ip[:2])[0] >> 4 & 0xFF
        return Packet(frame, 6, ip[8:24], ip[24:40], ip[6], tos, True, ip[7], length, ip[40:length])
    return None


def checksum(data):
    """RFC 1071 over @data."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_checksum_good(p):
    """Of a Packet that is UDP: present and right."""
    pseudo = p.src + p.dst + struct.pack("!II" if p.family == 6 else "!HH", *((len(p.payload), 17) if p.family == 6
                                                                             else (17, len(p.payload))))
    return p.payload[6:8] != b"\0\0" and checksum(pseudo + p.payload) == 0


def sclp_segment(data):
    """Decode one SCLP segment by sclp.md alone."""
    if len(data) < 12:
        raise ValueError(f"an SCLP segment of {len(data)} bytes")
    sport, dport, id_first, remaining, check = struct.unpack("!HHIHH", data[:12])
    return Segment(sport, dport, id_first >> 1, bool(id_first & 1), remaining, check, data[12:])


def sclp_of(p, udp_port=4234, proto=234):
    """The segment in a Packet, whichever carrier; None if there is none."""
    if p.proto == proto:
        return sclp_segment(p.payload)
    if p.proto == 17 and struct.unpack("!H", p.payload[2:4])[0] == udp_port:
        return sclp_segment(p.payload[8:])
    return None


def sclp_frames(packets):
    """Put the segments of complete frames together: {key: bytes}; ValueError where segments contradict each other."""
    by_key = collections.defaultdict(list)
    for p in packets:
        s = sclp_of(p)
        if s:
            by_key[p.src, p.dst, s.sport, s.dport, s.ident].append(s)
    frames = {}
    for key, segs in by_key.items():
        segs.sort(key=lambda s: -s.remaining)
        if not segs[0].first or segs[-1].remaining:
            continue  # the capture began or ended within it
        if any(s.first for s in segs[1:]):
            raise ValueError(f"frame {key[4]:#x} has two first segments")
        for a, b in zip(segs, segs[1:]):
            if a.remaining != b.remaining + len(b.payload):
                raise ValueError(f"frame {key[4]:#x}: {a.remaining} bytes remain before {len(b.payload)}+{b.remaining}")
        if len({len(s.payload) for s in segs[:-1]}) > 1:
            raise ValueError(f"frame {key[4]:#x}: segments but the last differ in size")
        frames[key] = b"".join(s.payload for s in segs)
    return frames
