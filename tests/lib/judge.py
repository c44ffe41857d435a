# SPDX-License-Identifier: BSD-3-Clause
"""What others think of Ethernet frames: tshark with every checksum validated, and scapy, which makes all lengths and
checksums anew."""
import struct

from frame_gen import Gen
from netns import run

ERROR = 0x800000  # tshark's severity
FIELDS = ("frame.number", "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "tcp.flags", "udp.length")
GOOD = "1"
PORT = Gen.dport  # or tshark would look for a protocol in the payload


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1))
        for i, frame in enumerate(frames):
            f.write(struct.pack("=IIII", i // 1000000, i % 1000000, len(frame), len(frame)) + frame)


def tshark(path, n_frames):
    """Complaints about the frames in a capture file, each of which is TCP or UDP over IP."""
    rows = _fields(path, *FIELDS)
    if len(rows) != n_frames:
        return [f"tshark read {len(rows)} of {n_frames} frames"]
    found = [f"frame {r['frame.number']}: {r}" for r in rows if not _good(r)]
    wrong = f"_ws.malformed || _ws.short || _ws.expert.severity >= {ERROR}"
    return found + [f"frame {r['frame.number']}: {r}" for r in _fields(path, "frame.number", "_ws.expert.message",
                                                                      filt=wrong)]


def _good(row):
    """All checksums there are good, and L4 was recognised with one."""
    l4 = [row["tcp.checksum.status"], row["udp.checksum.status"]]
    return sorted(l4) == ["", GOOD] and row["ip.checksum.status"] in ("", GOOD)


def _fields(path, *names, filt=""):
    args = [x for n in names for x in ("-e", n)]
    for p in ("ip", "tcp", "udp"):
        args += ["-o", f"{p}.check_checksum:TRUE"]
        args += ["-d", f"{p}.port=={PORT},data"] if p != "ip" else []
    args += ["-o", "tcp.analyze_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"]
    p = run(["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f", *args,
             *(["-Y", filt] if filt else [])])
    return [dict(zip(names, line.split("|"))) for line in p.stdout.splitlines()]


def scapy(frames):
    """Complaints: frames that are not what scapy makes of the same fields."""
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

    def remade(frame):
        p = Ether(frame)
        l4 = p.getlayer(TCP) or p.getlayer(UDP)
        for layer, names in ((p.getlayer(IP), ("len", "chksum")), (p.getlayer(IPv6), ("plen",)), (l4, ("len", "chksum"))):
            for name in names:
                if layer and name in layer.fields:
                    layer.delfieldval(name)
        return bytes(p) if l4 else None

    return [f"frame {i + 1}: {f[:80].hex()}" for i, f in enumerate(frames) if remade(f) != f]
