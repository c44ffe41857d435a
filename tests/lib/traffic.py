# SPDX-License-Identifier: BSD-3-Clause
"""Traffic between two guests whose outcome is checked: files over TCP, datagrams, pings."""
import filecmp
import json
import os
import re
import sys
import time

from netns import LabError, wait_for

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools")
PYTHON = sys.executable
_port = 5000


def next_port():
    """A port that no earlier call used: nothing waits for a TIME_WAIT, no late datagram meets the wrong socket."""
    global _port
    _port = _port % 20000 + 5001
    return _port


def tool(name):
    return [PYTHON, "-B", os.path.join(TOOLS, name)]


def random_file(path, size):
    """A file of @size random bytes; made once."""
    if not os.path.exists(path):
        with open(path, "wb") as f:
            f.write(os.urandom(size))
    return path


class Copy:
    """A file on its way from guest @a to guest @b over TCP."""

    def __init__(self, lab, a, b, addr, n_bytes):
        self.port = next_port()
        self.src = random_file(os.path.join(lab.dir, f"random-{n_bytes}"), n_bytes)
        self.dst = os.path.join(lab.dir, f"received-{self.port}")
        family = 6 if ":" in addr else 4
        host = f"[{addr}]" if family == 6 else addr
        self.receiver = b.start(["socat", "-u", "-b", "262144", f"TCP{family}-LISTEN:{self.port},reuseaddr",
                                 f"OPEN:{self.dst},creat,trunc"], name=f"socat-in-{self.port}")
        self.sender = a.start(["socat", "-u", "-b", "262144", f"OPEN:{self.src}",
                               f"TCP{family}:{host}:{self.port},retry=50,interval=0.1"], name=f"socat-out-{self.port}")

    def received(self):
        """Bytes that have arrived so far."""
        return os.path.getsize(self.dst) if os.path.exists(self.dst) else 0

    def finish(self, timeout=60):
        """Wait for the end; LabError unless every byte arrived."""
        try:
            codes = self.sender.wait(timeout), self.receiver.wait(10)
        except LabError as e:
            raise LabError(f"TCP copy: {self.received()} of {os.path.getsize(self.src)} bytes arrived\n{e}") from None
        if codes != (0, 0):
            raise LabError(f"TCP copy: exit codes {codes}\n{self.sender.tail()}\n{self.receiver.tail()}")
        if not filecmp.cmp(self.src, self.dst, shallow=False):
            raise LabError(f"TCP copy: {self.received()} bytes arrived, but not the {os.path.getsize(self.src)} sent")
        os.unlink(self.dst)


class Stream:
    """A TCP stream of zeros from guest @a to guest @b that ends when it is told to, or when it breaks."""

    def __init__(self, a, b, addr):
        port = next_port()
        self.receiver = b.start(["socat", "-u", "-b", "262144", f"TCP-LISTEN:{port},reuseaddr", "OPEN:/dev/null"],
                                name=f"stream-in-{port}")
        self.sender = a.start(["socat", "-u", "-b", "262144", "OPEN:/dev/zero", f"TCP:{addr}:{port},retry=50,interval=0.1"],
                              name=f"stream-out-{port}")
        self.wait_more(10)

    def received(self):
        """Bytes that the receiving program has read: of this stream alone, whatever else crosses the interface."""
        with open(f"/proc/{self.receiver.pid}/io", encoding="ascii") as f:
            return int(re.search(r"rchar: (\d+)", f.read()).group(1))

    def wait_more(self, timeout, n_bytes=1 << 20):
        """Wait until @n_bytes more have arrived; LabError if the stream has broken or stands still."""
        at = self.received()
        wait_for("a stream to go on", lambda: self.received() > at + n_bytes, timeout, self.receiver)

    def stop(self):
        self.sender.stop()
        self.receiver.stop()


def tcp_copy(lab, a, b, addr, n_bytes, timeout=60):
    Copy(lab, a, b, addr, n_bytes).finish(timeout)


def ping(a, addr, count=3, size=56, df=True, wait=2, extra=()):
    """How many of @count pings, sent at once, were answered within @wait seconds.

    (-l sends them all, then ping waits as long as -i says; -W counts only until the first answer, and after it a reply
    that takes longer than two round trips is given up, which on a busy machine is no loss.)"""
    p = a.run(["ping", "-n", "-c", count, "-l", count, "-i", wait, "-W", wait, "-s", size, *(["-M", "do"] if df else []),
               *extra, addr], check=False, timeout=count * wait + 20)
    m = re.search(r"(\d+) received", p.stdout)
    if not m:
        raise LabError(f"ping: {p.stdout}{p.stderr}")
    return int(m.group(1))


def ready(job):
    wait_for("a tool to be ready", lambda: "ready" in job.output(), 10, job)
    return job


def udp_ask(a, b, addr, sizes):
    """Datagrams of @sizes from @a to @b and back; LabError unless each came back as it was."""
    port = next_port()
    server = ready(b.start([*tool("udp.py"), "echo", port], name=f"udp-echo-{port}"))
    try:
        p = a.run([*tool("udp.py"), "ask", addr, port, *sizes], check=False, timeout=5 * len(sizes) + 10)
        if p.returncode:
            raise LabError(f"UDP: {p.stdout}{p.stderr}")
    finally:
        server.stop()


def udp_burst(a, b, addr, size, n_sends, n_datagrams):
    """Trains of datagrams (USO) from @a to @b; return the receiver's report, LabError if a byte was wrong."""
    port = next_port()
    sink = ready(b.start([*tool("udp.py"), "sink", port, size, n_sends * n_datagrams], name=f"udp-sink-{port}"))
    a.run([*tool("udp.py"), "burst", addr, port, size, n_sends, n_datagrams])
    code = sink.wait(30)
    report = json.loads(sink.output().splitlines()[-1])
    if code or report["bad"]:
        raise LabError(f"UDP burst: {report}")
    return report


def iperf3(a, b, addr, seconds=3, *args):
    """Goodput of TCP from @a to @b in Gbit/s, as the receiver counted it."""
    port = next_port()
    server = b.start(["iperf3", "-s", "-1", "-p", port, "--forceflush"], name=f"iperf3-{port}")
    wait_for("the iperf3 server", lambda: "Server listening" in server.output(), 5, server)
    p = a.run(["iperf3", "-c", addr, "-p", port, "-t", seconds, "-J", *args], check=False, timeout=seconds + 20)
    report = json.loads(p.stdout) if p.stdout else {"error": p.stderr}
    server.stop()
    if "error" in report:
        raise LabError(f"iperf3: {report['error']}")
    return report["end"]["sum_received"]["bits_per_second"] / 1e9


class Frames:
    """Random frames of all sizes from guest @a's interface to guest @b's; see tools/frames.py."""

    def __init__(self, a, b, n, mtu, seed=1):
        self.a, self.args = a, [str(x) for x in (seed, n, mtu)]
        self.checker = ready(b.start([*tool("frames.py"), "check", b.dev, *self.args], name=f"frames-{next_port()}"))

    def send(self, per_second=2000):
        self.a.run([*tool("frames.py"), "send", self.a.dev, *self.args, per_second], timeout=300)

    def report(self):
        """End the checker; return what arrived."""
        self.checker.stop(60)
        lines = self.checker.output().splitlines()
        if len(lines) < 2:
            raise LabError(f"frames.py: {self.checker.tail()}")
        return json.loads(lines[-1])


def frames(lab, n, mtu, seed=1, settle=0.5):
    """@n frames from guest a to guest b, @settle seconds for the last ones; the report of what arrived."""
    f = Frames(*lab.guests, n, mtu, seed)
    f.send()
    time.sleep(settle)
    return f.report()
