# SPDX-License-Identifier: BSD-3-Clause
"""The measurements: each probe runs once in a lab and returns its metrics' values."""
import json
import os
import re
import statistics
from dataclasses import dataclass
from typing import Callable

from netns import LabError, wait_for

PINGS = 100
PING_INTERVAL_S = 0.005
# Linux's own default.  A machine may have another: BBR measures itself a rate, and then that.  By socket, since a namespace may
# not make its own default what the machine does not allow to everybody.
TCP = ["-C", "cubic"]
HANG_S = 30  # beyond its seconds: iperf3 waits for its peer, and on a loaded machine for its namespace to go away


def iperf3(lab, seconds, *args):
    """One run from guest a to guest b.  Return the client's report and the CPU seconds the machine spent on it."""
    a, b = lab.guests
    server = b.start(["iperf3", "-s", "-1", "--forceflush"], name="iperf3-server")
    try:
        wait_for("the iperf3 server", lambda: "Server listening" in server.output(), 20, server,
                 step=0.005)
        before = cpu_busy()
        p = a.run(["iperf3", "-c", b.ip4, "-t", str(seconds), "-J", *args], check=False, timeout=seconds + HANG_S)
        busy = cpu_busy() - before
        return report_of(p), busy
    finally:
        server.stop()
        b.jobs.remove(server)
        os.unlink(server.log)


def report_of(p):
    """The JSON of a finished client.  It exits with 0 even on an error, which is then only in the report."""
    try:
        report = json.loads(p.stdout)
    except ValueError:
        report = {"error": p.stderr.strip() or "no report"}
    if p.returncode or "error" in report:
        raise LabError(f"iperf3: {report.get('error', p.stderr.strip())}")
    return report


def goodput(report):
    """Bytes that the *receiver* counted, and bit/s of them in units of 10^9."""
    got = report["end"]["sum_received"]
    if not got["seconds"]:
        raise LabError("iperf3: no result of the receiver")
    return got["bytes"], got["bytes"] * 8 / got["seconds"] / 1e9


def cpu_busy():
    """Seconds that all CPUs together have worked since boot: user, nice, system, irq, softirq."""
    with open("/proc/stat", encoding="ascii") as f:
        v = [int(x) for x in f.readline().split()[1:]]
    return sum(v[i] for i in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")


def probe_ping(lab, _seconds, _idle):
    a, b = lab.guests
    p = a.run(["ping", "-n", "-c", str(PINGS), "-i", str(PING_INTERVAL_S), "-W", "1", b.ip4], check=False)
    rtt_ms = [float(x) for x in re.findall(r" time=([0-9.]+) ms", p.stdout)]
    if len(rtt_ms) < PINGS * 0.9:
        raise LabError(f"ping: {len(rtt_ms)} of {PINGS} answered")
    return {"ping_us": statistics.median(rtt_ms) * 1000}


def probe_tcp1(lab, seconds, idle):
    report, busy = iperf3(lab, seconds, *TCP)
    n_bytes, gbps = goodput(report)
    if not n_bytes:
        raise LabError("iperf3: nothing was received")
    busy -= idle * report["end"]["sum_received"]["seconds"]
    return {"tcp1_gbps": gbps, "cpu_s_per_gb": max(busy, 0) / (n_bytes / 1e9)}


def probe_tcp4(lab, seconds, _idle):
    return {"tcp4_gbps": goodput(iperf3(lab, seconds, *TCP, "-P", "4")[0])[1]}


def probe_udp(size):
    """Datagrams as fast as the sender can; what counts is what arrives.  Where @size is above the MTU, IP cuts it."""

    def probe(lab, seconds, _idle):
        report, _ = iperf3(lab, seconds, "-u", "-b", "0", "-l", str(size))
        return {f"udp{size}_gbps": goodput(report)[1]}

    return probe


@dataclass
class Probe:
    name: str
    metrics: tuple
    run: Callable  # (lab, seconds, idle: CPU seconds a second that the machine spends anyway) -> {metric: value}
    fixed_s: float = 0  # how long it takes where --seconds does not say


@dataclass
class Metric:
    name: str
    head: tuple  # column head: what, unit
    what: str
    digits: int


PROBES = (
    Probe("tcp1", ("tcp1_gbps", "cpu_s_per_gb"), probe_tcp1),
    Probe("tcp4", ("tcp4_gbps",), probe_tcp4),
    Probe("udp1400", ("udp1400_gbps",), probe_udp(1400)),
    Probe("udp8000", ("udp8000_gbps",), probe_udp(8000)),
    Probe("ping", ("ping_us",), probe_ping, fixed_s=PINGS * PING_INTERVAL_S),
)

METRICS = {m.name: m for m in (
    Metric("tcp1_gbps", ("TCP 1 stream", "Gbit/s"), "goodput of one TCP stream, at the receiver", 2),
    Metric("tcp4_gbps", ("TCP 4 streams", "Gbit/s"), "goodput of four TCP streams together", 2),
    Metric("udp1400_gbps", ("UDP 1,400 B", "Gbit/s"), "goodput of 1,400-byte datagrams: what arrived", 2),
    Metric("udp8000_gbps", ("UDP 8,000 B", "Gbit/s"), "goodput of 8,000-byte datagrams: what arrived", 2),
    Metric("ping_us", ("ping", "us"), f"round-trip time, median of {PINGS} pings", 0),
    Metric("cpu_s_per_gb", ("CPU", "s/GB"), "CPU seconds of both hosts and guests for a gigabyte over one TCP stream", 2),
)}
