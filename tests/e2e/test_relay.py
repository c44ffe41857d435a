# SPDX-License-Identifier: BSD-3-Clause
"""The tests' own tools: a judge that cannot say no, or a faulty wire without faults, would make all else worthless."""
import json
import random
import sys
import time

import pytest
from craft import BROADCAST
from faulty import relay, relay_stats
from scale import MB
from traffic import TOOLS, frames, next_port, ping, ready, tcp_copy, tool

sys.path.insert(0, TOOLS)
from frames import VNET, Checker, make  # noqa: E402

N = 20000
SRC = "02:00:00:00:0a:0a"


def test_relay_is_a_wire(labs):
    """Without faults it loses nothing and keeps order, unfinished checksums and VLAN tags."""
    lab = labs.pair("none", relay=relay())
    a, b = lab.guests
    tcp_copy(lab, a, b, b.ip4, 8 * MB)
    tcp_copy(lab, b, a, a.ip6, 8 * MB)
    report = frames(lab, 500, 1500, seed=3)
    assert [report[k] for k in ("n_errors", "missing", "partly", "twice")] == [0, 0, 0, 0], report
    for d in relay_stats(lab).values():
        assert d["forwarded"] > 1000
        assert {d[k] for k in ("lost", "duplicated", "reordered", "oversize", "overflow", "tx_errors")} == {0}


def numbered(lab):
    """N small frames from a to b; what arrived."""
    a, b = lab.guests
    job = ready(b.start([*tool("raw.py"), "count", b.dev, SRC, "88b5"], name=f"raw-{next_port()}"))
    a.run([*tool("raw.py"), "send", a.dev, SRC, BROADCAST, N, 60, "88b5"])
    time.sleep(0.5)
    job.stop()
    return json.loads(job.output().splitlines()[-1])


def near(n, chance, of):
    """Within five standard deviations of a Bernoulli trial's."""
    return abs(n - chance * of) < 5 * (of * chance * (1 - chance)) ** 0.5


def test_relay_faults(labs):
    """It keeps to its chances, and does what it says."""
    lab = labs.pair("none", relay=relay(loss_ab=0.1, dup=0.05, reorder=0.05, reorder_gap=5, seed=42))
    got = numbered(lab)
    s = relay_stats(lab)["ab"]
    assert near(s["lost"], 0.1, s["matched"]) and near(s["reordered"], 0.05, s["matched"] - s["lost"])
    assert near(s["duplicated"], 0.05, s["matched"] - s["lost"] - s["reordered"])
    assert s["forwarded"] == s["matched"] - s["lost"] + s["duplicated"]
    assert near(got["different"], 0.9, N) and near(got["frames"] - got["different"], 0.05, got["different"]), got
    assert near(got["backwards"], 0.05, got["different"]), got


def test_relay_spares_what_does_not_match(labs):
    lab = labs.pair("none", relay=relay("--match", "udp:4789", "--match", "ip:234", loss=1))
    a, b = lab.guests
    assert ping(a, b.ip4, 20) == 20
    assert numbered(lab)["different"] == N
    assert relay_stats(lab)["ab"]["matched"] == 0


@pytest.mark.parametrize("i", range(40))
def test_frame_checker_sees_every_flip(i):
    """One flipped bit anywhere in a frame is an error, and so is a cut one."""
    rng = random.Random(i)
    f = make(5, i, 9000)
    good = Checker(5, 100, 9000)
    good.take(f.vnet, f.data)
    assert good.whole == {i: 1} and not good.n_errors
    flips = [rng.randrange(12, len(f.data)) for _ in range(30)] + list(range(12, min(70, len(f.data))))
    for at in flips:
        bad = bytearray(f.data)
        bad[at] ^= 1 << rng.randrange(8)
        c = Checker(5, 100, 9000)
        c.take(f.vnet, bytes(bad))
        assert c.n_errors == 1 and not c.whole, (f.kind, at, len(f.data))
    c = Checker(5, 100, 9000)
    c.take(f.vnet, f.data[:-1])  # the IP header, where there is one, still says otherwise
    assert c.n_errors == 1 and not c.whole and not c.parts


def test_frame_checker_sees_wrong_segment_size():
    i, f = next((i, f) for i, f in ((i, make(5, i, 9000)) for i in range(100)) if f.gso_size)
    v = list(VNET.unpack(f.vnet))
    v[3] += 1
    c = Checker(5, 100, 9000)
    c.take(VNET.pack(*v), f.data)
    assert c.n_errors == 1 and not c.whole.get(i)
