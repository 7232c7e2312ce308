"""A family's accuracies with their intervals as SVG, one line a member; text stays text."""

import re
from importlib import import_module
from io import StringIO
from typing import Any

from eval.ablation.results import Results, called

INK, OTHER, REFERENCE, TOLD_APART = "#7d868f", "#2f6db5", "#5d6670", "#b9770e"
"""Readable on light and dark paper alike, as the picture has no ground of its own."""


def plot(found: Results) -> str:
    """In the order of the table, the reference's accuracy as a dotted line, what is told apart from it in amber."""
    matplotlib: Any = import_module("matplotlib")
    rows = found.rows[::-1]
    size = (7.2, 0.9 + 0.38 * len(rows))
    figure: Any = import_module("matplotlib.figure").Figure(figsize=size, layout="constrained")
    axes: Any = figure.subplots()
    for place, row in enumerate(rows):
        mean, low, high = (100 * at for at in (row.accuracy.mean, row.accuracy.low, row.accuracy.high))
        reference = row.name == found.reference
        colour = REFERENCE if reference else TOLD_APART if row.sure else OTHER
        axes.errorbar(
            mean, place, xerr=[[mean - low], [high - mean]], fmt="s" if reference else "o", color=colour, capsize=3
        )
        if reference:
            axes.axvline(mean, color=REFERENCE, linestyle=":", linewidth=1)
    axes.set_yticks(range(len(rows)), [called(row.name, row.answered) for row in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(f"execution accuracy, % of {found.questions:,} questions, with 95% intervals")
    axes.tick_params(colors=INK, which="both")
    axes.xaxis.label.set_color(INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(INK)
    written = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ablation"}):
        figure.savefig(written, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator")))
    return re.sub(r"[ \t]+\n", "\n", written.getvalue())
