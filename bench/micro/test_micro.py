# SPDX-License-Identifier: BSD-3-Clause
"""bench/micro: every case runs and is right, the results have their format, compare tells slower from noise."""
import copy
import json
import math
import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ["BENCH_MICRO"]
FIELDS = {"bench": str, "case": str, "impl": str, "flows": int, "seg": int, "ns_per_pkt": dict, "cycles_per_pkt": dict,
          "gbps": float, "pkts_round": int, "working_set": int}
# rte_gro lets the packets of a VXLAN flow out in another order once a train has reached 64 KB
KNOWN_REFUSED = {("gro", "vxlan-tcp4", "rte", 1, 8948)}


def name(r):
    return tuple(r[k] for k in ("bench", "case", "impl", "flows", "seg"))


@pytest.fixture(name="quick", scope="module")
def quick_run(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    r = subprocess.run([os.path.join(HERE, "run"), "--quick", "--cpu", "-1", "--no-plot", "--program", PROGRAM, "--out", out],
                       capture_output=True, text=True, timeout=100, check=False)
    assert r.returncode == 0, r.stdout + r.stderr
    return json.loads((out / "micro.json").read_text()), r.stdout


def test_every_case_has_its_rows(quick):
    res, _ = quick
    r = subprocess.run([PROGRAM, "--quick", "--list"], capture_output=True, text=True, check=True, timeout=30)
    listed = {tuple(x.split("/")) for x in r.stdout.split()}
    for impl in ("memcpy", "cvsw", "rte"):
        have = {(b, c, str(f), str(s)) for b, c, i, f, s in map(name, res["rows"]) if i == impl}
        assert have <= listed
        if impl == "memcpy":
            assert have == listed
    assert {b for b, *_ in map(name, res["rows"])} == {"gro", "gso", "csum", "sclp"}


def test_rows_have_the_format(quick):
    for r in quick[0]["rows"]:
        for field, kind in FIELDS.items():
            assert isinstance(r[field], kind), (field, r)
        assert r["impl"] in ("cvsw", "rte", "memcpy")
        for s in (r["ns_per_pkt"], r["cycles_per_pkt"]):
            assert set(s) == {"median", "min", "max", "n"}
            assert s["n"] == 1 and s["min"] <= s["median"] <= s["max"]
            assert all(math.isfinite(s[k]) for k in s)
        assert ("pkts_out" in r) == (r["impl"] != "memcpy")


def test_only_what_is_known_is_refused(quick):
    assert {name(r) for r in quick[0]["refused"]} <= KNOWN_REFUSED
    assert all(r["why"] for r in quick[0]["refused"])


def test_table_names_every_case(quick):
    res, out = quick
    for r in res["rows"]:
        assert f"{r['bench']} {r['case']} " in out


def compare(tmp_path, old, new, *args):
    paths = []
    for label, res in (("old", old), ("new", new)):
        paths.append(tmp_path / f"{label}.json")
        paths[-1].write_text(json.dumps(res))
    return subprocess.run([os.path.join(HERE, "compare"), *paths, *args], capture_output=True, text=True, timeout=30,
                          check=False)


def row(median, low, high, impl="cvsw"):
    ns = {"median": median, "min": low, "max": high, "n": 5}
    return {"bench": "gro", "case": "tcp4", "impl": impl, "flows": 1, "seg": 1448, "ns_per_pkt": ns}


@pytest.mark.parametrize("new, args, code, word", [
    (row(100, 99, 101), (), 0, "1 same"),
    (row(104, 104, 105), (), 0, "1 same"),
    (row(110, 108, 112), (), 1, "1 SLOWER"),
    (row(110, 108, 112), ("--slower", "20"), 0, "1 same"),
    (row(110, 100, 130), (), 0, "1 noise"),
    (row(110, 100, 130), ("--strict",), 1, "1 noise"),
    (row(80, 79, 81), (), 0, "1 faster"),
    (row(80, 79, 101), ("--strict",), 0, "1 noise"),
    (row(110, 108, 112, "rte"), (), 2, "no row in common"),
])
def test_compare(tmp_path, new, args, code, word):
    r = compare(tmp_path, {"rows": [row(100, 98, 102)]}, {"rows": [new]}, *args)
    assert r.returncode == code if code < 2 else r.returncode == 1, r
    assert word in r.stdout + r.stderr


def test_compare_looks_at_cvsw_only(tmp_path):
    old = {"rows": [row(100, 98, 102), row(100, 98, 102, "rte")]}
    new = copy.deepcopy(old)
    new["rows"][1]["ns_per_pkt"].update(median=300, min=290, max=310)
    assert compare(tmp_path, old, new).returncode == 0


def test_compare_refuses_what_is_no_result(tmp_path):
    r = compare(tmp_path, {"rows": [{}]}, {"rows": []})
    assert r.returncode == 1 and "old.json" in r.stderr
