# SPDX-License-Identifier: BSD-3-Clause
"""micro.svg and .png: GRO by flows and by size, GSO, checksums and SCLP, cvsw beside DPDK and memcpy."""
import figure
from figure import GREY, INK
from table import by_case

COLOURS = {"cvsw": "#1f86a8", "rte": "#f2b134", "memcpy": "#b8bec6"}
LABELS = {"cvsw": "cvsw", "rte": "DPDK", "memcpy": "memcpy of the same bytes"}
LABELS_SCLP = {"frame": "SCLP", "frame-csum": "SCLP and\nits checksums", "vxlan-tcp4": "GSO and GRO,\nVXLAN-TCP"}
SHAPES = ("-", "--", ":", "-.")  # protocols, where a panel has more than one
SEG = 1448


def draw(res, basename):
    """Write @basename.svg and .png; returns their paths."""
    cases = by_case(res["rows"])
    fig, axes = figure.new((12, 7.6), 2, 3)
    panels = (gro_by_flows, gro_by_size, gso_by_size, protocols, csum, sclp)
    for ax, panel in zip(axes.flat, panels):
        figure.plain(ax)
        ax.tick_params(axis="both", which="both", length=0, labelsize=8.5)
        panel(ax, cases)
        if not ax.has_data():
            ax.text(0.5, 0.5, "not measured", ha="center", va="center", color=GREY, transform=ax.transAxes)
    for impl, colour in COLOURS.items():
        axes[0][0].plot([], [], color=colour, lw=2, label=LABELS[impl])
    figure.title(fig, "Offloads in software, side by side", "Median of repetitions taken in turns; whiskers and bands: "
                 "min and max", 0.925)
    figure.machine(fig, res["about"])
    fig.legend(loc="lower center", ncol=3, frameon=False, fontsize=9)
    fig.subplots_adjust(left=0.055, right=0.985, top=0.86, bottom=0.12, hspace=0.42, wspace=0.22)
    return figure.save(fig, basename)


def series(ax, points, impl, shape="-"):
    """A line through [(x, row)], with a band from min to max."""
    if not points:
        return
    x = [p[0] for p in points]
    ns = [p[1]["ns_per_pkt"] for p in points]
    ax.plot(x, [n["median"] for n in ns], shape, color=COLOURS[impl], lw=1.8, marker="o", ms=3.5)
    ax.fill_between(x, [n["min"] for n in ns], [n["max"] for n in ns], color=COLOURS[impl], alpha=0.25, lw=0)


def lines(ax, cases, bench, names, x_of, keep, note=True):
    """For each protocol of @names and implementation: time against x_of(flows, seg)."""
    for i, name in enumerate(names):
        for impl in ("memcpy", "rte", "cvsw"):
            series(ax, sorted((x_of(f, s), rows[impl]) for (b, c, f, s), rows in cases.items()
                              if b == bench and c == name and impl in rows and keep(f, s)), impl, SHAPES[i])
    ax.set_xscale("log")
    ax.set_yscale("log")
    if note and len(names) > 1:
        ax.text(0.02, 0.97, "\n".join(f"{s}  {n}" for s, n in zip(("solid", "dashed", "dotted"), names)), fontsize=8,
                color=GREY, transform=ax.transAxes, va="top")


def head(ax, text, x, y="ns a packet"):
    ax.set_title(text, loc="left", fontsize=10.5, fontweight="bold")
    ax.set_xlabel(x, fontsize=9)
    ax.set_ylabel(y, fontsize=9)


def ticks(ax, values):
    ax.set_xticks(values, [f"{v:,}" for v in values])
    ax.minorticks_off()


def gro_by_flows(ax, cases):
    lines(ax, cases, "gro", ("tcp4", "vxlan-tcp4"), lambda f, s: f, lambda f, s: s == SEG)
    head(ax, "GRO, 1,448-byte segments", "interleaved flows")
    ticks(ax, (1, 10, 100, 1000, 10000))


def gro_by_size(ax, cases):
    lines(ax, cases, "gro", ("tcp4", "vxlan-tcp4"), lambda f, s: s, lambda f, s: f == 1)
    head(ax, "GRO, one flow", "payload bytes of a packet")
    ticks(ax, (64, 512, 1448, 8948))


def gso_by_size(ax, cases):
    lines(ax, cases, "gso", ("tcp4", "vxlan-tcp4"), lambda f, s: s, lambda f, s: True)
    head(ax, "GSO and checksums, 64 KB", "payload bytes of a segment", "ns a segment")
    ticks(ax, (64, 512, 1448, 8948))


def csum(ax, cases):
    lines(ax, cases, "csum", ("sum",), lambda f, s: s, lambda f, s: True)
    head(ax, "Internet checksum", "bytes", "ns a call")
    ticks(ax, (64, 512, 4096, 65536))


def bars(ax, groups):
    """@groups: [(label, {impl: row})]."""
    for i, (_, rows) in enumerate(groups):
        here = [x for x in COLOURS if x in rows]
        for k, impl in enumerate(here):
            n = rows[impl]["ns_per_pkt"]
            x = i + (k - (len(here) - 1) / 2) * 0.27
            ax.bar(x, n["median"], 0.25, color=COLOURS[impl])
            ax.errorbar(x, n["median"], [[n["median"] - n["min"]], [n["max"] - n["median"]]], color=INK, lw=1, capsize=2)
    ax.set_xticks(range(len(groups)), [g[0] for g in groups], fontsize=8)
    ax.set_xlim(-0.6, max(len(groups), 1) - 0.4)


def protocols(ax, cases):
    names = [c for b, c, f, s in cases if b == "gso" and s == SEG]
    bars(ax, [(n, cases[("gso", n, 1, SEG)]) for n in names])
    for label in ax.get_xticklabels():
        label.set(rotation=40, ha="right", fontsize=7.5)
    head(ax, "GSO by protocol, 1,448-byte segments", "", "ns a segment")


def sclp(ax, cases):
    """On a wire of 1,500 bytes."""
    bars(ax, [(LABELS_SCLP.get(c, c), rows) for (b, c, _, s), rows in cases.items() if b == "sclp" and s < 1500])
    head(ax, "A 64 KB frame, cut and put together", "on a 1,500-byte wire", "ns a frame")
