# SPDX-License-Identifier: BSD-3-Clause
"""The results for people: a line for each case, its implementations side by side."""
from layout import layout

IMPLS = ("cvsw", "rte", "memcpy")


def by_case(rows):
    """{(bench, case, flows, seg): {impl: row}} in the order of the rows."""
    out = {}
    for r in rows:
        out.setdefault((r["bench"], r["case"], r["flows"], r["seg"]), {})[r["impl"]] = r
    return out


def number(x):
    return f"{x:,.0f}" if x >= 1000 else f"{x:.1f}"


def cell(row):
    if row is None:
        return ""
    ns = row["ns_per_pkt"]
    return f"{number(ns['median'])} ({number(ns['min'])}-{number(ns['max'])})"


def ratio(rows, impl):
    """How many times as long @impl takes as cvsw."""
    if "cvsw" not in rows or impl not in rows or not rows["cvsw"]["ns_per_pkt"]["median"]:
        return ""
    return f"x{rows[impl]['ns_per_pkt']['median'] / rows['cvsw']['ns_per_pkt']['median']:.2f}"


def line(name, rows):
    bench, case, flows, seg = name
    gbps = number(rows["cvsw"]["gbps"]) if "cvsw" in rows else ""
    return [f"{bench} {case}", f"{flows:,}", f"{seg:,}", *[cell(rows.get(i)) for i in IMPLS], gbps, ratio(rows, "rte"),
            ratio(rows, "memcpy")]


def table(res):
    a = res["about"]
    out = [["ns a packet", "flows", "bytes", *IMPLS, "cvsw", "rte /", "memcpy /"],
           ["", "", "", "median (min-max)", "", "", "Gb/s", "cvsw", "cvsw"]]
    out += [line(k, v) for k, v in by_case(res["rows"]).items()]
    return (layout(out) + f"\n\nMedians of {a['reps']} repetitions taken in turns, with min and max; "
            f"bursts of {a['burst']}.  CPU {'any' if a['cpu'] is None else a['cpu']}, {a['model']}.\n"
            "Above 1 in the ratios: cvsw is that many times faster.  gso: with checksums.  sclp: a packet is a frame."
            + refused(res["refused"]))


def refused(rows):
    return "".join(f"\nNOT TIMED {r['impl']}, {r['bench']} {r['case']}, {r['flows']} flows, {r['seg']} bytes: {r['why']}"
                   for r in rows)
