# SPDX-License-Identifier: BSD-3-Clause
"""What all end-to-end tests share: labs that are taken down again and whose daemons must have ended well.

    CVSW_BUILD=build       the build directory whose programs are tested (CVSWD and CVSWCTL in the environment win)
    CVSW_E2E_SCALE=1       multiplies the amount of data, the number of frames and of restarts
    CVSW_KEEP=1            keep logs and captures
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
sys.dont_write_bytecode = True

BUILD = os.path.join(ROOT, os.environ.get("CVSW_BUILD", "build"))
os.environ.setdefault("CVSWD", os.path.join(BUILD, "src/daemon/cvswd"))
os.environ.setdefault("CVSWCTL", os.path.join(BUILD, "src/ctl/cvswctl"))
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
os.environ.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")

from lab import Lab, cvswctl_path, cvswd_path  # noqa: E402
from mesh import Mesh, Routed  # noqa: E402
from netns import signals_raise  # noqa: E402

DPDK_DIRS = ("/run/dpdk", "/tmp/dpdk")
COMPLAINTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "Assertion", "PANIC in")


def pytest_configure(config):
    if os.geteuid():
        pytest.exit("the end-to-end tests make network namespaces: run them as root", 2)
    for path in (cvswd_path(), cvswctl_path()):
        if not os.path.exists(path):
            pytest.exit(f"{path} is not built", 2)
    signals_raise()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and call.when == "call":
        item.cvsw_failed = True


class Labs:
    """Makes labs; finish() takes them down and says what was wrong with their daemons."""

    pids = set()  # of all daemons that were ever started

    def __init__(self):
        self.all = []

    def __call__(self, cls=Lab, **opts):
        lab = cls(**opts)
        lab.__enter__()
        self.all.append(lab)
        return lab

    def mesh(self, n=3):
        return self(Mesh, n=n)

    def routed(self):
        return self(Routed)

    def pair(self, attach="cvsw", relay=None, **opts):
        """The usual: two hosts, a guest each, both attached alike, and they reach each other."""
        lab = self(relay=relay, relay_csum=False)
        lab.attach_both(attach, **opts)
        lab.wait_ping()
        return lab

    def finish(self, show_logs=False):
        wrong = []
        for lab in self.all:
            if show_logs:
                print(lab.logs(40))
            for host in lab.hosts:
                Labs.pids |= {j.pid for j in host.jobs if cvswd_path() in j.cmd}
                wrong += daemon_faults(host)
            lab.close()
        self.all.clear()
        return wrong


def daemon_faults(host):
    """Stop the daemon of @host; return what it did wrong in its life."""
    job = getattr(host, "cvswd", None)
    if not job:
        return []
    faults = []
    if not job.running():
        faults.append(f"{host.name}: cvswd had ended with code {job.proc.returncode}")
    else:
        code = job.stop(20)
        if code:
            faults.append(f"{host.name}: cvswd ended with code {code}")
    if any(c in job.output() for c in COMPLAINTS):
        faults.append(f"{host.name}: cvswd complained")
    return [f"{f}\n{job.tail(80)}" for f in faults]


def lab_fixture(request):
    labs = Labs()
    try:
        yield labs
    finally:
        wrong = labs.finish(getattr(request.node, "cvsw_failed", False))
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def labs(request):
    yield from lab_fixture(request)


@pytest.fixture(scope="module")
def module_labs(request):
    yield from lab_fixture(request)


def leftovers():
    """What outlives a session that does not clean up: namespaces, interfaces here, DPDK's files of our daemons."""
    out = {f"network namespace {x}" for x in listdir("/run/netns") if x.startswith(f"cvsw-{os.getpid()}-")}
    out |= {f"interface {x}" for x in listdir("/sys/class/net")}
    return out | {f"{d}/{x}" for d in DPDK_DIRS for x in listdir(d) if x in {f"cvsw{pid}" for pid in Labs.pids}}


def listdir(path):
    return os.listdir(path) if os.path.isdir(path) else []


def pytest_sessionstart(session):
    session.config.cvsw_before = leftovers()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """No test may leave anything behind, whichever of them it was."""
    session.config.cvsw_left = sorted(leftovers() - session.config.cvsw_before)
    if session.config.cvsw_left:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter, config):
    for x in getattr(config, "cvsw_left", []):
        terminalreporter.write_line(f"LEFT BEHIND: {x}", red=True)
