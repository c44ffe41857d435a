# SPDX-License-Identifier: BSD-3-Clause
"""What others think of Ethernet frames, in tunnels or not: tshark with every checksum validated on every level, and scapy,
which makes all lengths and checksums anew.

What a frame has to be is said by the super-frame that it was cut from: Expected, of_segment().
"""
import collections
import importlib
import re
import struct

import tunnel_gen
from frame_gen import DSTOPTS, HOPOPTS, PROTOS, ROUTING, Gen
from netns import run

Expected = collections.namedtuple("Expected", "layers ids seq tsns", defaults=((), (), ""))

WARNING = 0x600000  # tshark's severity
NO_MATTER = ("NOP in a row",)  # what it warns of, and was asked for
STATUS = {p: f"{p}.checksum.status" for p in ("ip", "tcp", "udp", "gre", "sctp")}
FIELDS = ("frame.number", "frame.protocols", "_ws.expert.severity", "_ws.expert.message", "ip.id", "tcp.seq_raw",
          "sctp.data_tsn_raw", *STATUS.values())
BETWEEN_VALUES = "~"
GOOD, ABSENT = "1", "3"
PORT = Gen.dport  # or tshark would look for a protocol in the payload
# STT is TCP to tshark unless it is told
STT = ("--enable-heuristic", "stt_ip", "-o", "ip.try_heuristic_first:TRUE", "-o", "ipv6.try_heuristic_first:TRUE")
# tshark's names of what is no layer to us
BETWEEN = re.compile(r"^(eth|ethertype|vlan|ieee8021ad|data|ipv6\.(hopopts|routing|dstopts|fraghdr))$")
PREFERENCES = ("ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE",
               "udp.ignore_ipv6_zero_checksum:TRUE", "sctp.checksum:CRC 32c",
               "tcp.analyze_sequence_numbers:FALSE", "tcp.desegment_tcp_streams:FALSE")


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1))
        for i, frame in enumerate(frames):
            f.write(struct.pack("=IIII", i // 1000000, i % 1000000, len(frame), len(frame)) + frame)


def layers(frame):
    """What is in @frame, outermost first: ("ip", "udp-", "geneve", "ipv6", "tcp").  - stands behind a protocol whose packets
    need not have a checksum, and this one has none."""
    inner = tunnel_gen.inner(frame)
    out = _ip_layers(frame, tunnel_gen.l3_off(frame))
    if inner and inner.is_udp:
        port = int.from_bytes(frame[inner.tunnel + 2:inner.tunnel + 4], "big")
        out += ("geneve" if port == tunnel_gen.GENEVE_PORT else "vxlan",)
    return out + _ip_layers(frame, inner.l3) if inner else out


def _ip_layers(frame, l3):
    if frame[l3] >> 4 == 4:
        name, proto, l4 = "ip", frame[l3 + 9], l3 + 4 * (frame[l3] & 15)
    else:
        name, proto, l4 = "ipv6", frame[l3 + 6], l3 + 40
        while proto in (HOPOPTS, ROUTING, DSTOPTS):
            proto, l4 = frame[l4], l4 + 8 * (frame[l4 + 1] + 1)
    l4_name = next(k for k, v in PROTOS.items() if v == proto)
    has_none = {"udp": frame[l4 + 6:l4 + 8] == b"\0\0", "gre": not frame[l4] & 0x80}
    return name, l4_name + "-" * has_none.get(l4_name, False)


def of_segment(record, index):
    """What segment @index of the super-frame @record has to be.  SCTP's are not that simple: its TSNs come from elsewhere."""
    data, inner = record.data, tunnel_gen.inner(record.data)
    offs = [tunnel_gen.l3_off(data), *([inner.l3] if inner else [])]
    ids = tuple(int.from_bytes(data[l3 + 4:l3 + 6], "big") + index & 0xFFFF for l3 in offs if data[l3] >> 4 == 4)
    names, seq = layers(data), ""
    if names[-1] == "tcp":
        at = record.vnet.csum_start + 4
        seq = str(int.from_bytes(data[at:at + 4], "big") + index * record.vnet.gso_size & 0xFFFFFFFF)
    return Expected(names, ids, seq)


def tshark(path, frames, expected, options=()):
    """Complaints about @frames, each of which has to be the Expected beside it; @path: of a file for them."""
    write_pcap(path, frames)
    rows = _fields(path, options)
    if len(rows) != len(frames):
        return [f"tshark read {len(rows)} of {len(frames)} frames"]
    return [f"frame {r['frame.number']}: {what} ({r})" for r, e in zip(rows, expected) for what in _faults(r, e)]


def index_of(complaint):
    """Of the frame that it is about."""
    return int(complaint.split(":")[0].removeprefix("frame ")) - 1


def _faults(row, expected):
    """What is wrong with what tshark saw."""

    def values(field):
        return [v for v in row[field].split(BETWEEN_VALUES) if v]

    seen = [p for p in row["frame.protocols"].split(":") if not BETWEEN.match(p)]
    names = [e.rstrip("-") for e in expected.layers]
    if seen != names:  # what it could not dissect, it names too
        yield f"is {seen}, not {names}"
    for proto, field in STATUS.items():
        want = [ABSENT if e.endswith("-") else GOOD for e in expected.layers if e.rstrip("-") == proto and e != "gre-"]
        if values(field) != want:
            yield f"checksums of {proto} are {values(field)}, not {want}"
    if [int(v, 0) for v in values("ip.id")] != list(expected.ids):
        yield f"identifications are not {expected.ids}"
    if row["tcp.seq_raw"] != expected.seq:
        yield f"the sequence number is not {expected.seq}"
    if [int(v) for v in values("sctp.data_tsn_raw")] != list(expected.tsns):
        yield f"the TSNs are not {expected.tsns}"
    for severity, message in zip(values("_ws.expert.severity"), values("_ws.expert.message")):
        if int(severity) >= WARNING and not any(x in message for x in NO_MATTER):
            yield message


def _fields(path, options):
    args = [x for n in FIELDS for x in ("-e", n)] + [x for p in PREFERENCES for x in ("-o", p)]
    args += [x for p in ("tcp", "udp") for x in ("-d", f"{p}.port=={PORT},data")]
    p = run(["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E",
             f"aggregator={BETWEEN_VALUES}", *args, *options])
    return [dict(zip(FIELDS, line.split("|"))) for line in p.stdout.splitlines()]


def scapy(frames):
    """Complaints: frames that are not what scapy makes of the same fields."""
    from scapy.layers import sctp
    from scapy.layers.inet import TCP, UDP
    from scapy.layers.l2 import Ether

    for name in ("scapy.contrib.geneve", "scapy.layers.vxlan"):  # they bind their ports
        importlib.import_module(name)
    made = {"IP": ("len", "chksum"), "IPv6": ("plen",), "TCP": ("chksum",), "UDP": ("len", "chksum"), "GRE": ("chksum",),
            "SCTP": ("chksum",)}

    def remade(frame):
        packet = Ether(frame)
        layer, ends_well = packet, False
        while layer:
            for name in made.get(type(layer).__name__, ()):
                if layer.fields.get(name) and (name != "chksum" or layer.fields[name]):
                    layer.delfieldval(name)
            ends_well = ends_well or isinstance(layer, (TCP, UDP, sctp.SCTP))
            layer = layer.payload
        return bytes(packet) if ends_well else None

    return [f"frame {i + 1}: {f[:80].hex()}" for i, f in enumerate(frames) if remade(f) != f]
