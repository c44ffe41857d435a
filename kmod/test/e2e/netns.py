# SPDX-License-Identifier: GPL-2.0
"""What the helper programs of these scripts have in common."""
import ctypes


def enter(name):
    """Move this thread to the network namespace; sockets made before stay where they are."""
    with open(f"/run/netns/{name}", "rb") as ns:
        if ctypes.CDLL(None, use_errno=True).setns(ns.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
