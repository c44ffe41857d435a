# SPDX-License-Identifier: BSD-3-Clause
"""A live line on stderr: how far, how long still, what just now.  On something that is no terminal, a line now and
then."""
import sys
import time

EVERY_S = 15  # between lines where there is no terminal


class Progress:
    def __init__(self, out=sys.stderr):
        self.out, self.tty = out, out.isatty()
        self.total = self.spent = 0  # seconds as planned
        self.t0 = self.t_line = time.monotonic()
        self.what = ""

    def start(self, total):
        self.total, self.spent = total, 0
        self.t0 = time.monotonic()

    def say(self, what):
        self.what = what
        self._show()

    def done(self, cost):
        self.spent += cost
        self._show()

    def _left(self):
        """The plan for what is left, times how slow the plan has turned out so far."""
        if self.spent < self.total * 0.02:
            return self.total - self.spent
        return (self.total - self.spent) * (time.monotonic() - self.t0) / self.spent

    def _text(self):
        if not self.total:
            return self.what
        share = self.spent / self.total
        bar = "#" * int(share * 20)
        return f"[{bar:<20}] {share:4.0%}  {self._left():3.0f} s to go  {self.what}"

    def _show(self):
        now = time.monotonic()
        if self.tty:
            self.out.write(f"\r\033[K{self._text()}")
        elif now - self.t_line > EVERY_S:
            self.t_line = now
            self.out.write(self._text() + "\n")
        self.out.flush()

    def line(self, text):
        """Something that stays on the screen."""
        self.out.write(("\r\033[K" if self.tty else "") + text + "\n")
        self.out.flush()

    def end(self):
        if self.tty:
            self.out.write("\r\033[K")
            self.out.flush()
