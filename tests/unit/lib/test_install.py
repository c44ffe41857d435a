# SPDX-License-Identifier: BSD-3-Clause
"""libcvsw-offload as others get it: installed, found by pkg-config, linked both ways; its example program on captures
that scapy made, and scapy as the judge of what comes out."""
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether, GRE
from scapy.layers.sctp import SCTP, SCTPChunkData
from scapy.layers.vxlan import VXLAN
from scapy.contrib.geneve import GENEVE
from scapy.utils import rdpcap, wrpcap

BUILD = Path(os.environ["BUILD_DIR"])
SOURCE = Path(os.environ["SOURCE_DIR"])
PREFIX = os.environ["PREFIX"]
SANITIZE = os.environ["SANITIZE"]  # meson's b_sanitize
CC = os.environ["CC"]
SIZE = 1000  # payload of each packet
N = 8        # packets of a flow: one train each, a burst of the example's holds some whole ones
RX_BURST = 64


def run(*cmd, **kw):
    r = subprocess.run([str(c) for c in cmd], capture_output=True, text=True, timeout=300, check=False, **kw)
    assert r.returncode == 0, f"{cmd}: {r.returncode}\n{r.stdout}\n{r.stderr}"
    return r.stdout


class Installed:
    """What `meson install` put somewhere, moved from its prefix."""

    def __init__(self, tmp):
        self.root = tmp / "root"
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.root)
        self.prefix = self.root / PREFIX.lstrip("/")
        found = list(self.root.rglob("libcvsw-offload.pc"))
        assert len(found) == 1, found
        self.pc_dir = tmp / "pc"
        self.pc_dir.mkdir()
        # a sysroot would move DPDK's directories, too
        text = found[0].read_text()
        assert f"prefix={PREFIX}\n" in text
        (self.pc_dir / found[0].name).write_text(text.replace(f"prefix={PREFIX}\n", f"prefix={self.prefix}\n"))
        self.libdir = found[0].parent.parent

    def env(self, **more):
        path = [str(self.pc_dir)] + [p for p in [os.environ.get("PKG_CONFIG_PATH")] if p]
        return {**os.environ, "PKG_CONFIG_PATH": ":".join(path), "CC": CC, **more}

    def pkg_config(self, *args):
        return run("pkg-config", *args, "libcvsw-offload", env=self.env()).split()

    def build_example(self, where, *make_args):
        shutil.copytree(SOURCE / "examples/offload", where)
        flags = "" if SANITIZE == "none" else f"-fsanitize={SANITIZE}"
        run("make", "-C", where, *make_args, env=self.env(CFLAGS=f"-O1 -g -Werror {flags}", LDFLAGS=flags))
        return where / "offload-example"


@pytest.fixture(scope="module", name="inst")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("install"))


@pytest.fixture(scope="module", name="example", params=["shared", "static"])
def built_example(request, inst, tmp_path_factory):
    where = tmp_path_factory.mktemp(request.param) / "offload"
    exe = inst.build_example(where, *(["STATIC=1"] if request.param == "static" else []))
    needed = "libcvsw-offload.so.0" in run("readelf", "-d", exe)
    assert needed == (request.param == "shared")
    env = run_env(inst) if needed else {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}

    def use(mode, tmp, packets, *args):
        wrpcap(str(tmp / "in.pcap"), packets)
        out = run(exe, mode, tmp / "in.pcap", tmp / f"{mode}.pcap", *args, env=env)
        return [bytes(p) for p in rdpcap(str(tmp / f"{mode}.pcap"))], counts(out)
    use.exe, use.env = exe, env
    return use


def run_env(inst):
    """meson lets programs find what it has just built: they are to find what is installed."""
    return {**os.environ, "LD_LIBRARY_PATH": str(inst.libdir)}


def counts(out):
    m = re.search(r"(\d+) packets in, (\d+) trains, (\d+) packets out, (\d+) refused", out)
    assert m, out
    return tuple(map(int, m.groups()))


# ---- what is installed ----

def declared():
    text = re.sub(r"/\*.*?\*/", "", (SOURCE / "include/cvsw/offload.h").read_text(), flags=re.S)
    return set(re.findall(r"\b(cvsw_\w+)\(", text))


def test_only_the_header_is_shown(inst):
    shared = run("nm", "-D", "--defined-only", inst.libdir / "libcvsw-offload.so").splitlines()
    assert {x.split()[2].split("@")[0] for x in shared if x.split()[1] != "A"} == declared()
    static = run("nm", "-g", "--defined-only", inst.libdir / "libcvsw-offload.a").splitlines()
    assert {x.split()[2] for x in static if len(x.split()) == 3} == declared()


@pytest.mark.parametrize("cmd", [("cc", "-std=gnu11"), ("c++", "-std=c++11"), ("c++", "-std=c++20")])
def test_header_alone(inst, tmp_path, cmd):
    source = tmp_path / "x.c"
    source.write_text("#include <cvsw/offload.h>\n")
    flags = [f.replace("-I/usr", "-isystem/usr") for f in inst.pkg_config("--cflags")]
    run(*cmd, "-x", "c" if cmd[0] == "cc" else "c++", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        *flags, source)


def test_code_of_the_page_compiles(inst, tmp_path):
    blocks = re.findall(r"```c\n(.*?)```", (SOURCE / "docs/offload-library.md").read_text(), flags=re.S)
    assert len(blocks) == 3
    program, caps, replacement = blocks
    source = tmp_path / "x.c"
    source.write_text(f"""void forward(struct rte_mbuf *m);
{program}
uint32_t caps_of(uint64_t tx) {{ uint32_t caps = 0; {caps} return caps; }}
void rte_gso_replaced(struct rte_mbuf *m, uint32_t caps, struct cvsw_queue *q);
void rte_gso_replaced(struct rte_mbuf *m, uint32_t caps, struct cvsw_queue *q)
{{ struct cvsw_queue ready = *q; {replacement} *q = ready; }}
""")
    run("cc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-include", "rte_mbuf.h",
        *inst.pkg_config("--cflags"), source)


def test_header_includes_no_more_than_it_says():
    text = (SOURCE / "include/cvsw/offload.h").read_text()
    assert re.findall(r"#include (.*)", text) == ["<stddef.h>", "<stdint.h>", "<rte_mbuf.h>"]


# ---- the example program ----

def ip4(i, **kw):
    return IP(src="10.0.0.1", dst="10.0.0.2", id=100 + i, flags="DF", **kw)


def ip6(_i, **kw):
    return IPv6(src="fd00::1", dst="fd00::2", **kw)


def tcp(i, data, n):
    return TCP(sport=1000, dport=2000, seq=(2**32 - 1500 + i * SIZE) % 2**32, ack=5, flags="PA" if i == n - 1 else "A",
               options=[("NOP", None), ("NOP", None), ("Timestamp", (7, 8))]) / data


def udp(_i, data, _n):
    return UDP(sport=3000, dport=4000) / data


def sctp(i, data, _n):
    return SCTP(sport=5000, dport=6000, tag=9) / SCTPChunkData(tsn=50 + i, stream_id=1, stream_seq=i, beginning=1,
                                                               ending=1, data=data[:SIZE - 16])


def inner(ip, l4):
    return lambda i, data, n: Ether(src="02:00:00:00:00:03", dst="02:00:00:00:00:04") / ip(i) / l4(i, data, n)


def eth(body, vlans=()):
    def make(i, data, n):
        p = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        for v in vlans:
            p = p / Dot1Q(vlan=v)
        return p / body(i, data, n)
    return make


GENEVE_OPTIONS = b"\x01\x02\x80\x01abcd"
FLOWS = {
    "tcp4": eth(lambda i, d, n: ip4(i) / tcp(i, d, n)),
    "tcp6": eth(lambda i, d, n: ip6(i) / tcp(i, d, n)),
    "tcp4-vlan": eth(lambda i, d, n: ip4(i) / tcp(i, d, n), vlans=[5]),
    "tcp6-qinq": eth(lambda i, d, n: ip6(i) / tcp(i, d, n), vlans=[5, 6]),
    "udp4": eth(lambda i, d, n: ip4(i) / udp(i, d, n)),
    "udp6": eth(lambda i, d, n: ip6(i) / udp(i, d, n)),
    "sctp4": eth(lambda i, d, n: ip4(i) / sctp(i, d, n)),
    "sctp6": eth(lambda i, d, n: ip6(i) / sctp(i, d, n)),
    "vxlan4-tcp4": eth(lambda i, d, n: ip4(i) / UDP(sport=50000, dport=4789, chksum=0) / VXLAN(vni=3, flags="Instance")
                       / inner(ip4, tcp)(i, d, n)),
    "vxlan6-tcp6": eth(lambda i, d, n: ip6(i) / UDP(sport=50001, dport=4789) / VXLAN(vni=3, flags="Instance")
                       / inner(ip6, tcp)(i, d, n)),
    "vxlan4-udp4": eth(lambda i, d, n: ip4(i) / UDP(sport=50002, dport=4789, chksum=0) / VXLAN(vni=4, flags="Instance")
                       / inner(ip4, udp)(i, d, n)),
    "geneve4-tcp6": eth(lambda i, d, n: ip4(i) / UDP(sport=50003, dport=6081)
                        / GENEVE(vni=3, proto=0x6558, optionlen=2, options=GENEVE_OPTIONS) / inner(ip6, tcp)(i, d, n)),
    "gre4-tcp4": eth(lambda i, d, n: ip4(i, proto=47) / GRE(proto=0x0800) / ip4(i) / tcp(i, d, n)),
    "nvgre6-tcp4": eth(lambda i, d, n: ip6(i, nh=47) / GRE(proto=0x6558, key_present=1, key=0x300) / inner(ip4, tcp)(i, d, n)),
}


def payload(name, i):
    return random.Random(f"{name} {i}").randbytes(SIZE)


def flow(name, n=N):
    return [Ether(bytes(FLOWS[name](i, payload(name, i), n))) for i in range(n)]


class Ways:
    """All flows, one after the other, through each mode of the example."""

    def __init__(self, use, tmp):
        self.flows = {name: flow(name) for name in FLOWS}
        packets = [p for f in self.flows.values() for p in f]
        self.large, self.large_seen = use("coalesce", tmp, packets)
        self.again, self.again_seen = use("segment", tmp, [Ether(x) for x in self.large], SIZE)
        self.both, self.both_seen = use("both", tmp, packets)

    @staticmethod
    def of(name, frames):
        """Those of the flow, in order: its payload is like no other's."""
        mine = [payload(name, i)[:SIZE - 16] for i in range(N)]
        return [f for f in frames if any(x in f for x in mine)]


@pytest.fixture(scope="module", name="ways")
def all_ways(example, tmp_path_factory):
    return Ways(example, tmp_path_factory.mktemp("ways"))


def test_counts(ways):
    n = len(FLOWS)
    assert ways.large_seen == (n * N, n, n, 0)
    assert ways.again_seen == (n, n, n * N, 0)
    assert ways.both_seen == (n * N, n, n * N, 0)


@pytest.mark.parametrize("name", FLOWS)
def test_flow_becomes_a_train_and_itself_again(ways, name):
    want = [bytes(p) for p in ways.flows[name]]
    large = ways.of(name, ways.large)
    assert len(large) == 1
    assert len(large[0]) == len(want[0]) + (N - 1) * SIZE
    assert_checksums(large[0])
    assert ways.of(name, ways.again) == want
    assert ways.of(name, ways.both) == want


def assert_checksums(frame):
    """scapy makes the same frame when it computes all checksums and lengths itself."""
    p = Ether(frame)
    layer = p
    while layer:
        for field in ("chksum", "len", "plen"):
            if not isinstance(layer, SCTPChunkData) and field in layer.fields:
                if not (isinstance(layer, UDP) and field == "chksum" and layer.chksum == 0):
                    delattr(layer, field)
        layer = layer.payload
    assert bytes(p) == frame


def test_all_flows_interleaved(example, tmp_path):
    """In one file, packet by packet in turns: nothing is lost, and in each flow nothing changes its place."""
    flows = {name: flow(name, 20) for name in FLOWS}
    mixed = [flows[name][i] for i in range(20) for name in FLOWS]
    want = {name: [bytes(p) for p in flows[name]] for name in FLOWS}
    out, (n_in, trains, n_out, refused) = example("both", tmp_path, mixed)
    assert (n_in, n_out, refused) == (len(mixed), len(mixed), 0)
    # every burst but a small last one has some packets of each flow
    assert trains >= len(mixed) // RX_BURST * len(FLOWS)
    name_of = {frame: name for name, frames in want.items() for frame in frames}
    got = {name: [] for name in FLOWS}
    for frame in out:
        got[name_of[frame]].append(frame)
    assert got == want


def test_what_must_not_merge_passes(example, tmp_path):
    """A wrong checksum, a fragment, a gap, and what is not IP at all."""
    bad = flow("tcp4", 3)
    bad[1][TCP].chksum ^= 1
    fragment = Ether() / IP(src="10.0.0.1", dst="10.0.0.2", flags="MF", proto=17) / (b"f" * 64)
    packets = bad + [fragment, Ether(type=0x88b5) / b"junk", Ether(b"\0" * 14)] + flow("tcp6", 5)[::2]
    want = [bytes(p) for p in packets]
    for mode in ("coalesce", "both"):
        out, seen = example(mode, tmp_path, packets)
        assert seen == (len(packets), 0, len(packets), 0)
        assert sorted(out) == sorted(want)


def test_refuses_what_it_cannot_read(example, tmp_path):
    (tmp_path / "in.pcap").write_bytes(b"no capture file at all, but long enough for a header")
    for args, code in ((["both"], 2), (["sort", "a", "b"], 2), (["both", tmp_path / "in.pcap", tmp_path / "out"], 1)):
        r = subprocess.run([example.exe, *args], env=example.env, capture_output=True, text=True, timeout=60, check=False)
        assert r.returncode == code, r
        assert "offload-example" in r.stderr
