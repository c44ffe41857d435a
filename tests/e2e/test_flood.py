# SPDX-License-Identifier: BSD-3-Clause
"""A flood of first segments whose rest never comes: memory stays bounded, others' traffic goes on, counters tell."""
import json
import os

import pytest
import rpc
from lab import built_path
from netns import wait_for
from scale import MB, scaled
from traffic import Copy, ping, tcp_copy

N = 1000000
STRANGER = "10.99.99.99"
BOUND_KB, FRAMES, FRAMES_REMOTE = 4096, 512, 128
LIMITS = ("sclp_limit_remote", "sclp_limit_total", "sclp_limit_bytes", "sclp_timeout", "sclp_overtaken")


@pytest.fixture(params=["udp", "ip"])
def mesh(labs, request):
    """Hosts a and b with guests; c has no daemon and floods b."""
    lab = labs.mesh(3)
    lab.carrier = request.param
    for host in lab.hosts:
        host.sysctl(net__ipv4__conf__all__rp_filter=0, net__ipv4__conf__wire__rp_filter=0)
    for side in (0, 1):
        lab.attach(side, "cvsw", carrier=request.param,
                   daemon={"reassembly-memory": BOUND_KB, "reassembly-frames": FRAMES,
                           "reassembly-frames-per-remote": FRAMES_REMOTE})
    lab.wait_ping()
    return lab


def rss_kb(job):
    with open(f"/proc/{job.pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def reassembly(host):
    """Frames and bytes under reassembly in all, and frames of the remote that has most."""
    rows = rpc.objects(host, "remote")
    frames = [r["reassembly_frames"] for r in rows]
    return sum(frames), sum(r["reassembly_bytes"] for r in rows), max(frames)


@pytest.fixture(autouse=True)
def small_quarantine(monkeypatch):
    """Freed memory that the sanitizer keeps back, 256 MB by default, is not the daemon's: here memory is measured."""
    monkeypatch.setenv("ASAN_OPTIONS", os.environ["ASAN_OPTIONS"] + ":quarantine_size_mb=4")


class Flood:
    """@count first segments from host c to host b, with any source address."""

    def __init__(self, lab, source, count=N):
        self.lab, self.target = lab, lab.hosts[1]
        self.job = lab.hosts[2].start([built_path("tests/tools/flood"), "--src", source, "--dst", self.target.ip4,
                                       "--carrier", lab.carrier, "--count", scaled(count)], name=f"flood-{source}")
        self.pings, self.peak = 0, (0, 0, 0)

    def watch(self):
        """While it runs: traffic between a and b, and the bounds of reassembly."""
        a, b = self.lab.guests[:2]
        copy = Copy(self.lab, a, b, b.ip4, scaled(16) * MB)
        while self.job.running():
            self.peak = tuple(map(max, self.peak, reassembly(self.target)))
            self.pings += ping(a, b.ip4, 5, wait=0.2)
        assert self.job.wait() == 0, self.job.tail()
        copy.finish(60)
        return json.loads(self.job.output().splitlines()[-1])


def flooded(lab, source):
    """Run the flood; check what holds for any: memory, other traffic; return it and the drops it caused."""
    b = lab.hosts[1]
    tcp_copy(lab, *lab.guests[:2], lab.guests[1].ip4, 4 * MB)  # what memory the daemon uses anyway, it uses now
    rss, before = rss_kb(b.cvswd), rpc.drops(b)
    flood = Flood(lab, source)
    report = flood.watch()
    grown = rss_kb(b.cvswd) - rss
    after = rpc.drops(b)
    drops = {r: after[r] - before.get(r, 0) for r in after if after[r] != before.get(r, 0)}
    print(report, drops, f"pings {flood.pings}, memory +{grown} KB, reassembly at most {flood.peak}")
    assert report["sent"] == scaled(N)
    assert grown < 32 * 1024 + BOUND_KB, f"{grown} KB more than before"
    assert flood.pings > 0, "no ping between others was answered during the flood"
    assert ping(lab.guests[0], lab.guests[1].ip4, 20) == 20
    assert ping(lab.guests[1], lab.guests[0].ip6, 20) == 20
    return flood, drops


def test_spoofed_remote(mesh):
    """From an address that is no remote: nothing of it is kept."""
    flood, drops = flooded(mesh, STRANGER)
    assert drops["tunnel_remote"] > 1000
    assert flood.peak[0] <= FRAMES_REMOTE and flood.peak[1] <= BOUND_KB * 1024  # the others' own
    wait_for("reassembly to be empty", lambda: reassembly(mesh.hosts[1])[0] == 0, 5)


def test_configured_remote(mesh):
    """From a remote: its share of the memory, no more; then all of it is given up and counted."""
    flood, drops = flooded(mesh, mesh.hosts[2].ip4)
    assert sum(drops.get(r, 0) for r in LIMITS) > 1000, drops
    assert "tunnel_remote" not in drops
    assert 0 < flood.peak[2] <= FRAMES_REMOTE and flood.peak[0] <= FRAMES and flood.peak[1] <= BOUND_KB * 1024
    wait_for("reassembly to be empty", lambda: reassembly(mesh.hosts[1]) == (0, 0, 0), 5)
    flooder = rpc.remote(mesh.hosts[1], mesh.hosts[2].ip4)
    assert flooder["reassembly_frames"] == 0 and flooder["timed_out"] > 1000


def test_flooder_does_not_evict_others(mesh):
    """While a remote floods, frames of the others that need reassembly (large datagrams) still get through."""
    a, b = mesh.guests[:2]
    flood = Flood(mesh, mesh.hosts[2].ip4, N // 4)
    answered = 0
    while flood.job.running():
        answered += ping(a, b.ip4, 5, 8000, df=False, wait=0.2)
    assert answered > 0
