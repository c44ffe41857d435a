# SPDX-License-Identifier: BSD-3-Clause
"""How much a test does: as much as fits into `make check`, or a multiple of it (CVSW_E2E_SCALE)."""
import functools
import os

from lab import cvswd_path

MB = 1 << 20
SCALE = float(os.environ.get("CVSW_E2E_SCALE", "1"))


@functools.cache
def sanitized():
    """Is the cvswd under test a build with sanitizers, hence several times slower?"""
    with open(cvswd_path(), "rb") as f:
        return b"__asan_init" in f.read()


def scaled(n, with_sanitizers=None):
    """@n (or @with_sanitizers in such a build) times the scale asked for, at least 1."""
    return max(1, int((with_sanitizers if with_sanitizers and sanitized() else n) * SCALE))
