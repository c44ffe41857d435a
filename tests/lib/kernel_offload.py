# SPDX-License-Identifier: BSD-3-Clause
"""The kernel's GSO and GRO as functions of packets.

    with KernelOffload() as kernel:
        kernel.gso(records)    # what is on the wire for each super-frame
        kernel.gro(batches)    # what a receiver with GRO makes of each batch of packets

KernelOffload(tunnels=True): also of those inside VXLAN, Geneve and GRE.  A VXLAN device lends GRO its hook: nothing needs to
arrive there.  Another one stands in for Geneve, whose hook is not in every kernel: to GRO their headers are 8 bytes that
must not differ, if there are no options.  GRE's hook is always there.
Super-frames reach the kernel by TAP devices (tap_gso.py), inside UDP if it is Linux 6.17 or later, inside GRE from 6.6 on:
can_cut().

Two veth pairs in one namespace.  `gso0` can neither segment nor compute checksums, so the kernel does both when a
super-frame is sent there; `gso1` is the far end, which takes packets as they are.  `gro0` and `gro1` likewise, but gro1
coalesces.

How GRO comes to see packets together: veth polls its receive queue as soon as something is in it, and what GRO holds
leaves when the queue is empty.  With gro_flush_timeout and napi_defer_hard_irqs the poll that found work arms a timer, and
until it fires packets only queue up.  Hence each batch is sent right behind a `primer`, a packet that GRO does not hold:
when that has arrived, the timer was just started.  A sentinel is the first packet of the batch: if it has not arrived when
the last one was sent, all of them are still in the queue, and one poll (at most 64 packets) takes them.  Otherwise the
machine was too slow, and the batch is sent again.  The next primer comes out of a later poll, which has also flushed
what was held.  One CPU does it all, or softirqs of two would overtake each other.
"""
import contextlib
import ctypes
import itertools
import os
import select
import shutil
import struct
import sys
import tempfile
import threading
import time

import tap_gso
import tunnel_gen
import vlan_accel
from frame_gen import Record, Vnet
from lab import coalesce
from netns import PREFIX, LabError, Ns, sweep, undisturbed
from traffic import TOOLS

sys.path.append(TOOLS)
from frames import ETH_ALL, packet_socket, receive  # noqa: E402

BATCH_MAX = 62
TIMER_MS = 12  # more than a jiffy on every kernel
TRIES = 50
PATIENCE = 10  # seconds for what must come
CLONE_NEWNET = 0x40000000
MARKER = b"\x02\xf0\0\0\0\x02" + b"\x02\xf0\0\0\xff\xff" + b"\x88\xb5"  # Ethernet header
OURS = b"\x02\xf0\0\0"  # the source addresses
TAP, TAP_GRE = "tap0", "tap1"
NO_OFFLOAD = ["tso", "off", "gso", "off", "tx-udp-segmentation", "off", "tx", "off"]
_serial = itertools.count()


class KernelOffload:
    def __init__(self, tunnels=False):
        self.with_tunnels = tunnels

    def __enter__(self):
        sweep()
        self.dir = tempfile.mkdtemp(prefix=f"{PREFIX}-lab-{os.getpid()}-")
        self.ns, self.sockets, self.vlan, self.numbers = None, {}, None, itertools.count()
        self.tap = self.tap_gre = None
        try:
            self.ns = Ns(f"{PREFIX}-{os.getpid()}-{next(_serial)}-offload", self.dir)
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc):
        self.close()

    def close(self):
        with undisturbed():
            for s in self.sockets.values():
                s.close()
            if self.vlan is not None:
                os.close(self.vlan)
            for tap in filter(None, (self.tap, self.tap_gre)):
                tap.close()
            if self.ns:
                self.ns.close()
            shutil.rmtree(self.dir, ignore_errors=True)

    def _build(self):
        for scope in ("all", "default"):
            self.ns.sysctl(**{f"net__ipv6__conf__{scope}__disable_ipv6": 1})  # or the interfaces would talk
        for kind in ("gso", "gro"):
            near, far = kind + "0", kind + "1"
            self.ns.ip("link", "add", near, "type", "veth", "peer", "name", far)
            self.ns.run(["ethtool", "-K", near, *NO_OFFLOAD])
            self.ns.run(["ethtool", "-K", far, "gro", "on" if kind == "gro" else "off", "rx-gro-list", "off"])
            for dev in (near, far):
                self.ns.ip("link", "set", dev, "mtu", 65535, "up")
        self.gro_of_udp("on")
        coalesce(self.ns, "gro1", TIMER_MS * 1000)
        in_namespace(self.ns, self._open)
        if self.with_tunnels:
            self._build_tunnels()

    def _build_tunnels(self):
        for dev, port in (("vxlan0", tunnel_gen.VXLAN_PORT), ("vxlan1", tunnel_gen.GENEVE_PORT)):
            # `external` listens on both address families, and wants to know no address
            self.ns.ip("link", "add", dev, "type", "vxlan", "external", "dstport", port)
            self.ns.ip("link", "set", dev, "up")
        in_namespace(self.ns, self._open_taps)
        for dev, tap in ((TAP, self.tap), (TAP_GRE, self.tap_gre)):
            if tap:
                self.ns.ip("link", "set", dev, "up")

    def _open_taps(self):
        with contextlib.suppress(OSError):
            self.tap = tap_gso.TapGso(TAP, "gso0")
        with contextlib.suppress(OSError):
            self.tap_gre = tap_gso.TapGre(TAP_GRE, "gso0")

    def can_cut(self, record):
        if not tap_gso.in_tunnel(record):
            return True
        if tunnel_gen.inner(record.data).is_udp:
            return self.tap is not None
        return self.tap_gre is not None and tap_gso.can_be_gre(record)

    def _open(self):
        self.open_sockets(("gso0", "gso1", "gro0", "gro1"))
        with contextlib.suppress(OSError):  # an older kernel must find the tags in the frame: VLAN devices help
            self.vlan = vlan_accel.attach("gro0")

    def open_sockets(self, devs):
        for dev in devs:
            self.sockets[dev] = packet_socket(dev, ETH_ALL if dev in ("gso1", "gro1") else 0)
            self.sockets[dev].settimeout(0)

    # GSO

    def gso(self, records):
        """A list of packets (bytes) for each Record; LabError where the kernel does not take it."""
        with one_cpu():
            return [self._segments(r) for r in records]

    def _segments(self, record):
        if tap_gso.in_tunnel(record):
            self._send_tap(record)
        else:
            self._send("gso0", record.vnet.pack() + record.data)
        return [r.data for r in self._until_marker("gso", self._mark("gso0"))]

    # GRO

    def gro(self, batches):
        """A list of Records for each batch of packets (bytes), which all go through GRO in one poll."""
        with one_cpu():
            self._next_poll()
            return [self._gro_batch(b) for b in batches]

    def gro_of_udp(self, on_off):
        """UDP is coalesced only where that was switched on."""
        self.ns.run(["ethtool", "-K", "gro1", "rx-udp-gro-forwarding", on_off])

    def _gro_batch(self, batch):
        for _ in range(TRIES):
            whole, got = self._one_poll(batch)
            if whole:
                return got
            self._next_poll()  # the poll before may have taken the rest of the batch, and holds it
        raise LabError(f"{len(batch)} packets were never sent within {TIMER_MS} ms")

    def _one_poll(self, batch):
        """(all were taken in one poll, what came out).  The timer was just started, and is again afterwards."""
        assert len(batch) <= BATCH_MAX
        sentinel = self._mark("gro0")
        for frame in batch:
            self._send("gro0", bytes(Vnet.size) + frame)
        whole = not select.select([self.sockets["gro1"]], [], [], 0)[0]
        return whole, self._until_marker("gro", sentinel) + self._next_poll()

    def _next_poll(self):
        """Wait for a poll that takes nothing but the primer; return what it let go."""
        out = self._until_marker("gro", self._mark("gro0"))
        return out + list(self._take("gro"))

    # Both

    def _mark(self, dev):
        """Send a packet that nobody holds or changes; return it."""
        marker = (MARKER + struct.pack("!I", next(self.numbers))).ljust(60, b"\0")
        self._send(dev, bytes(Vnet.size) + marker)
        return marker

    def _send(self, dev, data):
        with told_what(Vnet.unpack(data[:Vnet.size]), data[Vnet.size:]):
            self.sockets[dev].send(data)

    def _send_tap(self, record):
        tap = self.tap if tunnel_gen.inner(record.data).is_udp else self.tap_gre
        with told_what(*record):
            tap.send(record)

    def _until_marker(self, kind, marker):
        """All that arrives before @marker does."""
        out, end = [], time.monotonic() + PATIENCE
        while True:
            for record in self._take(kind):
                if record.data == marker:
                    return out
                out.append(record)
            if time.monotonic() > end:
                raise LabError(f"a marker sent to {kind}1 has not arrived")
            select.select([self.sockets[kind + "1"]], [], [], 0.1)

    def _take(self, kind):
        while True:
            got = receive(self.sockets[kind + "1"])
            if not got:
                return
            if got[1][6:10] == OURS:
                yield Record(Vnet.unpack(got[0]), got[1])


@contextlib.contextmanager
def told_what(vnet, data):
    try:
        yield
    except OSError as e:
        raise LabError(f"the kernel does not take {len(data)} bytes, {vnet}: {e}") from None


def in_namespace(ns, func):
    """Call @func by a thread in @ns; sockets that it opens stay there."""
    error = []

    def body():
        try:
            with open(f"/run/netns/{ns.name}", "rb") as f:
                if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), CLONE_NEWNET):
                    raise LabError(f"setns: {os.strerror(ctypes.get_errno())}")
            func()
        except Exception as e:  # it is the caller's
            error.append(e)

    t = threading.Thread(target=body)
    t.start()
    t.join()
    if error:
        raise error[0]


@contextlib.contextmanager
def one_cpu():
    """Softirqs that this thread causes are served where it runs, and nobody else runs there for long: a batch must be
    sent within TIMER_MS."""
    cpus, nice = os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)
    os.sched_setaffinity(0, {max(cpus)})
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        os.sched_setaffinity(0, cpus)
