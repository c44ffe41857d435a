# SPDX-License-Identifier: BSD-3-Clause
"""What was measured, for people (a table) and for programs (results.json)."""
import json
import os
import platform
import statistics
import time

from layout import layout
from methods import BASELINE, OURS
from probes import METRICS

NOISY = 0.05  # share of the CPUs


def results(session, started):
    """The content of results.json."""
    methods = session.summary()
    out = {}
    for m in session.methods:
        out[m.name] = dict(methods[m.name])
        out[m.name]["guest_mtu"] = m.guest_mtu
        if session.failed[m.name]:
            out[m.name]["failed"] = session.failed[m.name]
    return {
        "about": {
            "kernel": platform.release(), "machine": platform.machine(), "cpus": os.cpu_count(),
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "wall_s": round(time.time() - started, 1),
            "seconds": session.seconds, "reps": session.reps, "steered": session.steered,
            "stalls_s": session.stalls, "idle_cpu": [round(x, 3) for x in session.idle],
        },
        "methods": out,
    }


def write_json(res, path):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(res, f, indent=2)
        f.write("\n")


def table(session):
    """Two lines a method: medians with their ratio to the kernel's VXLAN, and below them min and max."""
    metrics = [x for x in METRICS if any(x in p.metrics for p in session.probes)]
    summary = session.summary()
    base = summary.get(BASELINE, {})
    rows = [["method", "guest", *[METRICS[x].head[0] for x in metrics]],
            ["", "MTU", *[METRICS[x].head[1] for x in metrics]]]
    for m in session.methods:
        cells = [cell(summary[m.name].get(x), base.get(x), METRICS[x].digits) for x in metrics]
        rows.append([m.name, f"{m.guest_mtu}", *[c[0] for c in cells]])
        rows.append(["", "", *[c[1] for c in cells]])
    return layout(rows) + "\n\n" + foot(session) + failures(session)


def cell(s, base, digits):
    """The two lines of one metric of one method."""
    if s is None:
        return "FAILED", ""
    median = f"{s['median']:.{digits}f}"
    ratio = f"x{s['median'] / base['median']:.2f}" if base and base["median"] else ""
    return f"{median} {ratio:>6}".rstrip(), f"{s['min']:.{digits}f}-{s['max']:.{digits}f}"


def foot(session):
    reps = ", ".join(f"{p.name} {session.reps[p.name]}" for p in session.probes)
    return (f"Medians with min-max below them, xN: times {BASELINE}. Runs each, taken in turns: {reps}.\n"
            "UDP is what arrived. CPU is all work of the machine for one TCP stream, both ends.\n"
            + ("Every method in the placement on the CPUs that is best for it (--steer off: as the scheduler likes)."
               if session.steered else "Placed on the CPUs as the scheduler likes.") + slow(session) + noise(session))


def slow(session):
    """Where user space is expensive the kernel's tunnel wins: who sees that should learn why."""
    summary = session.summary()
    ours, theirs = (summary.get(x, {}).get("tcp1_gbps") for x in (OURS, BASELINE))
    if not ours or not theirs or ours["median"] >= theirs["median"]:
        return ""
    return (f"\nOne TCP stream of {OURS} is slower than {BASELINE} here. Virtual machines on which system calls and wake-ups are\n"
            "expensive are like that: docs/performance.md, \"Where the kernel is far away\".")


def noise(session):
    """A warning where the machine has other things to do: its figures are not to be trusted then."""
    load = statistics.median(session.idle) if session.idle else 0
    out = ""
    if session.stalls:
        out = (f"\nThe whole machine stood still {len(session.stalls)} times, for up to {max(session.stalls):.0f} s; "
               "the runs that this hit were taken again.")
    if load < NOISY * os.cpu_count():
        return out
    return out + f"\nNOT AN IDLE MACHINE: {load:.1f} of its {os.cpu_count()} CPUs were busy with something else between the runs."


def failures(session):
    out = ""
    for name, why in session.failed.items():
        for where, reason in why.items():
            out += f"\nFAILED {name} {where}: {reason}"
    return "\n" + out if out else ""
