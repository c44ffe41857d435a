# SPDX-License-Identifier: BSD-3-Clause
"""Which CPU each program of a comparison runs on.

On a real network two hosts have CPUs of their own; here both share a few, and left to itself the scheduler puts a
guest's program on the CPU of a busy worker half of the time, which costs a third of the throughput and makes every
run different.  So each method runs in the best of the placements that were tried for it (not all: docs/performance.md); `--steer off` leaves all of it to the scheduler.

Two CPUs, cvsw: the workers of both hosts have one each.  A TCP stream's bottleneck is the sender's worker, so both
guests share the other CPU; of UDP it is the sending program, so the receiver goes to the other one.  The kernel's own
ways do a frame's whole journey in the sender's context: sender and receiver have one CPU each.  With four CPUs or more
everything has its own.
"""
import os

OFF = ((None, None), (None, None))


def places(attach, probe, n_cpus=None):
    """((worker of host a, of b), (guest a, guest b)): CPU numbers as strings, None where it does not matter."""
    n_cpus = n_cpus or len(os.sched_getaffinity(0))
    if n_cpus < 2:
        return OFF
    if attach != "cvsw":
        return (None, None), (("2", "3") if n_cpus >= 4 else ("0", "1"))
    if n_cpus >= 4:
        return ("0", "1"), ("2", "3")
    return ("0", "1"), (("1", "0") if probe.startswith("udp") else ("1", "1"))


def workers(attach):
    return places(attach, "")[0]


def apply(lab, attach, probe):
    """Have what @probe starts in the guests of @lab run where it is best."""
    for guest, cpu in zip(lab.guests, places(attach, probe)[1]):
        guest.cpus = cpu
