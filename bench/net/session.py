# SPDX-License-Identifier: BSD-3-Clause
"""One comparison: a lab for each method, all up at once, and the probes taken in turns.

Turns, because the machine is never the same for long: what slows it for a while must hit every method alike.
"""
import contextlib
import statistics
import time

import steer
from lab import Lab
from netns import LabError
from probes import cpu_busy
from stall import StallWatch

IPERF_EXTRA_S = 0.25  # what an iperf3 run takes besides its seconds
IDLE_S = 0.5
TRIES = 4  # of a run, where the machine stands still meanwhile


class Session:
    """Runs the plan, keeps the samples.  A method or a metric of one that fails stays in `failed` with the reason."""

    def __init__(self, methods, probes, reps, seconds, progress, steered):
        self.methods, self.probes, self.progress, self.steered = methods, probes, progress, steered
        self.reps, self.seconds = reps, seconds  # both: {probe name: number}
        self.samples = {m.name: {} for m in methods}
        self.failed = {m.name: {} for m in methods}  # {method: {probe name or "setup": reason}}
        self.watch = StallWatch()
        self.stalls = []  # seconds that the machine stood still during a run, which was then taken again
        self.idle = []  # busy CPU seconds per second while nothing was asked of the machine, by round

    def run(self, settings, **lab_opts):
        with contextlib.ExitStack() as stack:
            labs = self._labs(stack, settings, lab_opts)
            plan = [(rep, p) for rep in range(max(self.reps.values())) for p in self.probes
                    if rep < self.reps[p.name]]
            self.progress.start(sum(self._cost(p) * len(labs) for _, p in plan))
            last_rep = None
            for rep, probe in plan:
                if rep != last_rep:
                    self.idle.append(idle_load())
                    last_rep = rep
                for m in rotate(self.methods, rep):
                    if m.name in labs:
                        self._probe(m, labs[m.name], probe)
            self.progress.end()

    def _labs(self, stack, settings, lab_opts):
        labs = {}
        for m in self.methods:
            self.progress.say(f"setting up {m.name}")
            try:
                labs[m.name] = self._undisturbed(m, "setup", lambda m=m: self._lab(stack, m, settings, lab_opts))
            except LabError as e:
                self._fail(m, "setup", e)
        return labs

    def _lab(self, stack, m, settings, lab_opts):
        """A lab with @m's guests.  It has an ExitStack of its own, so that a half-built one goes away at once."""
        with contextlib.ExitStack() as one:
            lab = one.enter_context(Lab(**lab_opts))
            m.set_up(lab, settings, self.steered)
            stack.push(one.pop_all())
        return lab

    def _undisturbed(self, m, where, work):
        """The result of work(); once more, and visibly, when the whole machine stood still meanwhile."""
        for _ in range(TRIES):
            self.watch.reset()
            result = error = None
            try:
                result = work()
            except LabError as e:
                error = e
            stall = self.watch.stalled()
            if error and not stall:
                raise error
            if not stall or where == "setup" and not error:  # a lab that is up is up, however long it took
                return result
            self.stalls.append(round(stall, 1))
            self.progress.line(f"the whole machine stood still for {stall:.0f} s: {m.name} {where} once more")
        raise LabError(f"the machine stood still in each of {TRIES} runs")

    def _cost(self, probe):
        return probe.fixed_s or self.seconds[probe.name] + IPERF_EXTRA_S

    def _probe(self, m, lab, probe):
        if probe.name in self.failed[m.name]:
            self.progress.done(self._cost(probe))
            return
        self.progress.say(f"{m.name} {probe.name}")
        if self.steered:
            steer.apply(lab, m.attach, probe.name)
        try:
            # The least that was ever seen: what comes and goes would make it a lottery.
            values = self._undisturbed(m, probe.name,
                                       lambda: probe.run(lab, self.seconds[probe.name], min(self.idle)))
        except LabError as e:
            self._fail(m, probe.name, e, lab)
        else:
            for metric, v in values.items():
                self.samples[m.name].setdefault(metric, []).append(v)
        self.progress.done(self._cost(probe))

    def _fail(self, m, where, error, lab=None):
        """A metric with a failed run has no value: the good runs of something that sometimes fails are no result."""
        self.failed[m.name][where] = str(error)
        self.progress.line(f"FAILED {m.name} {where}: {error}")
        if lab:
            self.progress.line(lab.logs())

    def failure(self, method, probe):
        """Why @method has no values from @probe, or None."""
        f = self.failed[method]
        return f.get("setup") or f.get(probe)

    def summary(self):
        """{method: {metric: {median, min, max, n}}}, without those that failed."""
        out = {}
        for m in self.methods:
            bad = {x for p in self.probes if self.failure(m.name, p.name) for x in p.metrics}
            out[m.name] = {k: stats(v) for k, v in self.samples[m.name].items() if k not in bad}
        return out


def stats(values):
    return {"median": round(statistics.median(values), 4), "min": round(min(values), 4),
            "max": round(max(values), 4), "n": len(values)}


def rotate(items, n):
    n %= len(items)
    return items[n:] + items[:n]


def idle_load():
    """Busy CPU seconds per second of a machine that is asked for nothing."""
    before, t = cpu_busy(), time.monotonic()
    time.sleep(IDLE_S)
    return (cpu_busy() - before) / (time.monotonic() - t)
