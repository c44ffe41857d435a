# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces and the processes in them: made, used, and gone again.

Nothing here knows what a lab looks like; lab.py builds one out of it.  Only the standard library, so that a bench runs
on a machine that has no more than Python.
"""
import contextlib
import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

PREFIX = "cvsw"


class LabError(Exception):
    """Something outside went wrong; the text says what, with the output of the program that said no."""


def run(cmd, check=True, timeout=60, **kw):
    """Run @cmd to its end; return the CompletedProcess with text output.  LabError when it fails and @check."""
    kw.setdefault("stdin", subprocess.DEVNULL)
    try:
        p = subprocess.run(cmd, text=True, capture_output=True, timeout=timeout, **kw)
    except FileNotFoundError:
        raise LabError(f"{cmd[0]}: not installed") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"no end after {timeout} s: {' '.join(cmd)}") from None
    if check and p.returncode:
        raise LabError(f"{' '.join(cmd)}: exit code {p.returncode}\n{(p.stderr or p.stdout).strip()}")
    return p


def ip(*args, ns=None, check=True):
    """One ip(8) command, in namespace @ns if given."""
    return run(["ip", *(["-n", ns] if ns else []), *[str(a) for a in args]], check=check)


class Job:
    """A process whose output goes to a file."""

    def __init__(self, cmd, log, env=None):
        self.cmd, self.log = cmd, log
        with open(log, "ab") as f:
            self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT,
                                         start_new_session=True,  # Ctrl-C is for us, who then end it in order
                                         env={**os.environ, **env} if env else None)

    @property
    def pid(self):
        return self.proc.pid

    def running(self):
        return self.proc.poll() is None

    def fate(self):
        """In words: running, ended with code N, killed by SIGX."""
        code = self.proc.poll()
        if code is None:
            return "running"
        return f"ended with code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def signal(self, sig):
        if self.running():
            self.proc.send_signal(sig)

    def wait(self, timeout=60):
        try:
            return self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            raise LabError(f"no end after {timeout} s: {' '.join(self.cmd)}\n{self.tail()}") from None

    def stop(self, timeout=5):
        """SIGTERM, and SIGKILL for who does not listen.  Return the exit code (negative: a signal's number)."""
        self.signal(signal.SIGTERM)
        try:
            return self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            return self.proc.wait()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def tail(self, n_lines=20):
        """The last lines of the output, indented, for an error message."""
        lines = self.output().splitlines()[-n_lines:]
        return "\n".join("    " + x for x in lines) or "    (it printed nothing)"


class Ns:
    """A network namespace made with `ip netns add`, and what runs in it."""

    def __init__(self, name, log_dir):
        self.name, self.log_dir = name, log_dir
        self.cpus = None  # a list for taskset: where everything started here may run
        self.jobs = []
        ip("netns", "add", name)
        ip("link", "set", "lo", "up", ns=name)

    def argv(self, cmd):
        pin = ["taskset", "-c", self.cpus] if self.cpus else []
        return ["ip", "netns", "exec", self.name, *pin, *[str(c) for c in cmd]]

    def ip(self, *args, check=True):
        return ip(*args, ns=self.name, check=check)

    def run(self, cmd, check=True, timeout=60, **kw):
        return run(self.argv(cmd), check=check, timeout=timeout, **kw)

    def start(self, cmd, name=None, env=None):
        """Start @cmd here; it is ended with the namespace at the latest."""
        log = os.path.join(self.log_dir, f"{self.name}-{name or os.path.basename(str(cmd[0]))}.log")
        job = Job(self.argv(cmd), log, env)
        self.jobs.append(job)
        return job

    def sysctl(self, **values):
        """Keys with `.` written as `__`: net__ipv4__ip_forward=1."""
        self.run(["sysctl", "-qw", *[f"{k.replace('__', '.')}={v}" for k, v in values.items()]])

    def has_link(self, dev):
        return has_link(self.name, dev)

    def mtu(self, dev):
        m = re.search(r" mtu (\d+)", self.ip("link", "show", "dev", dev).stdout)
        return int(m.group(1))

    def close(self):
        """Stop the jobs, the last one first, then delete the namespace with all interfaces in it."""
        for job in reversed(self.jobs):
            job.stop()
        ip("netns", "del", self.name, check=False)


def has_link(ns, dev):
    return ip("link", "show", "dev", dev, ns=ns, check=False).returncode == 0


def has_ended(pid):
    """No such process, or only its exit code is left."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def sweep():
    """Remove what labs left behind that were killed outright: the names hold the pid of a process that is gone."""
    for line in ip("netns", "list", check=False).stdout.splitlines():
        m = re.match(PREFIX + r"-(\d+)-\d+-\w+$", line.split(" ")[0])
        if not m or not has_ended(int(m.group(1))):
            continue
        for pid in ip("netns", "pids", m.group(0), check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        ip("netns", "del", m.group(0), check=False)
    for path in glob.glob(os.path.join(tempfile.gettempdir(), f"{PREFIX}-lab-*-*")):
        m = re.search(r"-lab-(\d+)-[^-]*$", path)
        if m and has_ended(int(m.group(1))) and not os.environ.get("CVSW_KEEP"):
            shutil.rmtree(path, ignore_errors=True)


def signals_raise():
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that every `with` cleans up."""

    def leave(sig, _frame):
        raise SystemExit(128 + sig)

    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, leave)


@contextlib.contextmanager
def undisturbed():
    """While cleaning up, a second Ctrl-C must not leave half of it behind."""
    try:
        old = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not the main thread: signals are not ours to set
        old = {}
    try:
        yield
    finally:
        for s, handler in old.items():
            signal.signal(s, handler)


def wait_for(what, test, timeout=10, job=None, step=0.02):
    """Poll @test until it is true; LabError naming @what after @timeout, or at once when @job has ended."""
    end = time.monotonic() + timeout
    while not test():
        if job and not job.running():
            raise LabError(f"{job.fate()} while waiting for {what}: {' '.join(job.cmd)}\n{job.tail()}")
        if time.monotonic() > end:
            tail = f"\n{job.tail()}" if job else ""
            raise LabError(f"waited {timeout} s in vain for {what}{tail}")
        time.sleep(step)
