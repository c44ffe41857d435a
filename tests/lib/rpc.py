# SPDX-License-Identifier: BSD-3-Clause
"""JSON-RPC to a running cvswd, and its counters as tests want them.  What a user sees, cvswctl, is tested by itself."""
import json
import socket

from netns import LabError, wait_for


class RpcError(LabError):
    """The daemon refused: code and data are those of the reply."""

    def __init__(self, method, error):
        super().__init__(f"{method}: {error.get('message')}")
        self.code, self.data = error.get("code"), error.get("data")


def call(host, method, **params):
    """One request to the daemon of @host; return its result.  `_` in the names of @params stands for `-`."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {k.replace("_", "-"): v for k, v in params.items()}}
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(host.control)
        s.sendall(json.dumps(request).encode() + b"\n")
        with s.makefile("rb") as f:
            reply = json.loads(f.readline())
    if "error" in reply:
        raise RpcError(method, reply["error"])
    return reply["result"]


def drops(host):
    """{reason: frames} since the start of the daemon."""
    return call(host, "stats.show")["drops"]


def dropped(host, *reasons):
    d = drops(host)
    return sum(d.get(r, 0) for r in reasons) if reasons else sum(d.values())


def wait_dropped(host, reason, at_least, timeout=5):
    wait_for(f"{at_least} frames counted as {reason}", lambda: dropped(host, reason) >= at_least, timeout)


def objects(host, kind, name=None):
    """The rows of stats.show of one kind: port, tunnel, remote, other."""
    return [r for r in call(host, "stats.show")["objects"] if r["kind"] == kind and name in (None, r["name"])]


def remote(host, addr):
    return next(r for r in objects(host, "remote") if r["remote"] == addr)


def fdb(host, bridge=None):
    """{mac: row}."""
    rows = call(host, "fdb.show", **({"bridge": bridge} if bridge else {}))["fdb"]
    return {r["mac"]: r for r in rows}
