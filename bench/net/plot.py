# SPDX-License-Identifier: BSD-3-Clause
"""throughput.svg and .png: a group of bars for each kind of traffic, a bar for each method, whiskers min to max."""
import figure
from figure import INK

GROUPS = (("tcp1_gbps", "TCP, 1 stream"), ("tcp4_gbps", "TCP, 4 streams"),
          ("udp1400_gbps", "UDP, 1,400-byte\ndatagrams"), ("udp8000_gbps", "UDP, 8,000-byte\ndatagrams"))
COLOURS = {"none": "#b8bec6", "kernel-vxlan": "#5b6675", "cvsw-vxlan": "#f2b134", "cvsw-sclp": "#4fb0c6",
           "cvsw-sclp-9000": "#1f86a8", "cvsw-sclp-65000": "#0f5575", "cvsw-sclp-ip": "#7a5ea8"}


def draw(res, methods, basename):
    """Write @basename.svg and .png from the results, the methods in the order given."""
    groups = [g for g in GROUPS if any(g[0] in res["methods"][m.name] for m in methods)]
    if not groups:
        return []
    fig, ax = figure.new((max(6, 2.9 * len(groups)) + 0.6, 5.2))
    for i, m in enumerate(methods):
        bars(ax, res["methods"][m.name], m, groups, i, len(methods))
    dress(fig, ax, groups, len(methods), res["about"])
    return figure.save(fig, basename)


def bars(ax, values, method, groups, i, n):
    width = 0.86 / n
    colour = COLOURS.get(method.name, "#999999")
    ax.bar(0, 0, color=colour, label=f"{method.name} (guest MTU {method.guest_mtu:,})")
    for g, (metric, _) in enumerate(groups):
        x = g + (i - (n - 1) / 2) * width
        s = values.get(metric)
        if s is None:
            ax.text(x, 0, " failed", rotation=90, ha="center", va="bottom", fontsize=8, color="#b3261e")
            continue
        ax.bar(x, s["median"], width * 0.9, color=colour)
        ax.errorbar(x, s["median"], [[s["median"] - s["min"]], [s["max"] - s["median"]]], color=INK, lw=1,
                    capsize=2, capthick=1)
        ax.annotate(f"{s['median']:.1f}", (x, s["max"]), (0, 3), textcoords="offset points", ha="center",
                    va="bottom", fontsize=8)


def dress(fig, ax, groups, n_methods, about):
    ax.set_xticks(range(len(groups)), [g[1] for g in groups])
    ax.set_xlim(-0.55, len(groups) - 0.45)
    ax.tick_params(axis="both", length=0)
    ax.set_ylabel("goodput, Gbit/s")
    figure.plain(ax)
    ax.margins(y=0.1)
    figure.title(fig, "Guest to guest over a 1,500-byte wire", "Median of runs taken in turns; whiskers: min and max", 0.905)
    figure.machine(fig, about)
    fig.legend(loc="lower center", ncol=min(4, n_methods), frameon=False, fontsize=8.5, bbox_to_anchor=(0.5, 0.035))
    fig.subplots_adjust(left=0.07, right=0.985, top=0.87, bottom=0.255 if n_methods > 4 else 0.22)
