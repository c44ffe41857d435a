# SPDX-License-Identifier: BSD-3-Clause
"""Notice that the whole machine stood still: a virtual one may be paused for seconds by who runs it.

Clocks go on meanwhile, so iperf3 divides by time that was never there and time-outs expire.  A run that this hit says
nothing of the method that it measured.
"""
import threading
import time

BEAT_S = 0.05
STALL_S = 2.0  # far above what a busy machine makes a thread wait


class StallWatch(threading.Thread):
    """A heartbeat: longest() is the longest pause between two beats since reset()."""

    def __init__(self):
        super().__init__(daemon=True)
        self._longest = 0.0
        self._last = time.monotonic()
        self.start()

    def run(self):
        while True:
            time.sleep(BEAT_S)
            self._beat()

    def _beat(self):
        now = time.monotonic()
        self._longest = max(self._longest, now - self._last - BEAT_S)
        self._last = now

    def reset(self):
        self._longest, self._last = 0.0, time.monotonic()

    def stalled(self):
        """Seconds of standstill since reset(), or 0 if there was none worth the name.  A pause that has just ended
        counts although no beat has followed it yet."""
        pause = max(self._longest, time.monotonic() - self._last - BEAT_S)
        return pause if pause >= STALL_S else 0
