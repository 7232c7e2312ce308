"""Accuracy against the number of samples, a line a way of choosing, as SVG; text stays text."""

import re
from collections.abc import Sequence
from importlib import import_module
from io import StringIO
from typing import Any

from eval.selection import Chosen

COLOURS = ("#5d6670", "#24785a", "#2f6db5", "#b9770e", "#8a4fb3", "#b3372b", "#2a9aa8", "#9a6b3f")


def curve(chosen: Sequence[Chosen], questions: int) -> str:
    """A way that looks at one answer is a level line; an oracle is dashed."""
    matplotlib: Any = import_module("matplotlib")
    figure: Any = import_module("matplotlib.figure").Figure(figsize=(7.2, 4.2), layout="constrained")
    axes: Any = figure.subplots()
    numbers = sorted({one.n for one in chosen})
    ways: dict[str, list[Chosen]] = {}
    for one in chosen:
        ways.setdefault(one.way, []).append(one)
    for (way, points), colour in zip(ways.items(), (COLOURS * len(ways))[: len(ways)], strict=True):
        look = {"color": colour, "label": way, "linewidth": 1.8}
        heights = [100 * one.accuracy.mean for one in points]
        if len(points) == 1 and len(numbers) > 1:
            axes.plot([numbers[0], numbers[-1]], [heights[0]] * 2, linestyle=":", **look)
        else:
            places = [one.n for one in points]
            axes.plot(places, heights, marker="o", linestyle="--" if way.endswith("oracle") else "-", **look)
    axes.set_xscale("log", base=2)
    axes.set_xticks(numbers, [str(n) for n in numbers])
    axes.set_xlabel(f"samples to choose among ({questions:,} questions)")
    axes.set_ylabel("execution accuracy, %")
    axes.grid(axis="y", color="#dfe2e4", linewidth=0.6)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    written = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "selection"}):
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator")))
    return re.sub(r"[ \t]+\n", "\n", written.getvalue())
