# SPDX-License-Identifier: BSD-3-Clause
"""What the plots of the benchmarks have in common: fonts, colours, frames, and the files they go to."""
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402  (after the choice of backend)

INK, GREY, PALE = "#222b36", "#5b6675", "#e3e6ea"


def new(size, rows=1, columns=1):
    """A figure with its axes, as plt.subplots() gives them."""
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "text.color": INK, "axes.labelcolor": INK,
                         "xtick.color": INK, "ytick.color": INK, "svg.hashsalt": "cvsw"})
    return plt.subplots(rows, columns, figsize=size)


def plain(ax):
    """A bottom line and pale horizontal ones, nothing else."""
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=PALE)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(INK)


def title(fig, text, below, below_y):
    fig.suptitle(text, x=0.02, ha="left", fontsize=14, fontweight="bold")
    fig.text(0.02, below_y, below, fontsize=9.5, color=GREY)


def machine(fig, about):
    """Where and when, small in the corner; @about as in the results."""
    kernel, cpus = about["kernel"], about["cpus"]
    if " " not in kernel:  # a release, not a description
        kernel = kernel.split("-")[0]
    fig.text(0.98, 0.012, f"Linux {kernel}, {cpus} CPU{'s' if cpus != 1 else ''}, {about['date'][:10]}", ha="right", fontsize=7.5,
             color="#8a939e")


def save(fig, basename):
    """Write @basename.svg and .png; returns their paths."""
    paths = [f"{basename}.svg", f"{basename}.png"]
    fig.savefig(paths[0], metadata={"Date": None})
    fig.savefig(paths[1], dpi=160)
    plt.close(fig)
    return paths
