# SPDX-License-Identifier: BSD-3-Clause
"""Labs whose wire has faults: the command lines of tests/relay, and what it counted."""
import json

from lab import built_path

TUNNELS = ("--match", "udp:4789", "--match", "udp:4234", "--match", "ip:234")


def relay(*match, **faults):
    """The command for Lab(relay=..): relay(loss=0.01) hits everything, relay(*TUNNELS, loss=0.01) tunnel packets."""
    options = [x for k, v in faults.items() for x in (f"--{k.replace('_', '-')}", str(v))]
    return [built_path("tests/relay/relay"), "--stats", *match, *options, "{left}", "{right}"]


def relay_stats(lab):
    """End the relay; return its counters: {"ab": {..}, "ba": {..}}."""
    code = lab.relay_job.stop()
    assert code == 0, f"the relay ended with {code}: {lab.relay_job.tail()}"
    return json.loads(lab.relay_job.output().splitlines()[-1])
