# SPDX-License-Identifier: BSD-3-Clause
"""Tables for people."""


def layout(rows, heads=2):
    """Rows of cells as text, the first column to the left, a rule behind the @heads first rows."""
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = ["  ".join([r[0].ljust(widths[0]), *[c.rjust(w) for c, w in zip(r[1:], widths[1:])]]).rstrip()
             for r in rows]
    lines.insert(heads, "  ".join("-" * w for w in widths))
    return "\n".join(lines)
