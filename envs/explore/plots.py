"""Plots as SVG that stands inside a page: text stays text, colours are the page's own, nothing is referred to."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib import import_module
from io import StringIO
from typing import Any

from envs.explore.lengths import Lengths

SERIES = ("first", "second", "third")
"""Names of the page's colours for the splits, in their order."""
_INK = {"#010101": "soft", "#020202": "line", "#030303": "first", "#040404": "second", "#050505": "third"}
"""A colour that nobody uses -> the page's colour that stands in its place."""
_COLOUR = {name: code for code, name in _INK.items()}
_INCHES = (4.2, 2.1)


def histograms(found: Mapping[str, Lengths], unit: str, what: str) -> str:
    """One outline a split, as shares of its examples, over the bins that all of them have."""
    figure, axes = _empty()
    bins = 1 + max((i for each in found.values() for i, count in enumerate(each.bins) if count), default=0)
    for each, series in zip(found.values(), SERIES, strict=False):
        shares = [100 * count / each.count for count in each.bins[:bins]]
        edges = [each.width * i for i in range(bins + 1)]
        colour = _COLOUR[series]
        if series == SERIES[0]:
            axes.stairs(shares, edges, color=colour, fill=True, alpha=0.18, clip_on=False)
        axes.stairs(shares, edges, color=colour, linewidth=1.8, clip_on=False)
        axes.set_xlim(0, edges[-1])
    axes.set_xlabel(unit)
    return _svg(figure, axes, f"Histogram: {what}, {unit}")


def bars(groups: Sequence[str], found: Mapping[str, Sequence[float]], unit: str, what: str) -> str:
    """One bar a group and split; heights are percentages."""
    figure, axes = _empty()
    width = 0.8 / max(1, len(found))
    for i, ((_, heights), series) in enumerate(zip(found.items(), SERIES, strict=False)):
        places = [place - 0.4 + width * (i + 0.5) for place in range(len(groups))]
        axes.bar(places, heights, width=0.9 * width, color=_COLOUR[series], clip_on=False)
    axes.set_xticks(range(len(groups)), groups)
    axes.set_xlabel(unit)
    return _svg(figure, axes, f"Bars: {what}")


def _empty() -> tuple[Any, Any]:
    """A figure and its axes, by the types that matplotlib leaves unknown; loaded late, for it takes a while."""
    figure: Any = import_module("matplotlib.figure").Figure(figsize=_INCHES, layout="constrained")
    figure.patch.set_visible(False)
    axes: Any = figure.subplots()
    axes.patch.set_visible(False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_COLOUR["line"])
    axes.tick_params(length=0, labelsize=10, colors=_COLOUR["soft"])
    axes.xaxis.label.set(color=_COLOUR["soft"], size=10)
    return figure, axes


def _svg(figure: Any, axes: Any, what: str) -> str:
    """The drawing alone; its ids, style sheet and namespaces go: several stand on one page, and nothing needs them."""
    matplotlib: Any = import_module("matplotlib")
    ticker: Any = import_module("matplotlib.ticker")
    found: list[float] = list(ticker.MaxNLocator(4).tick_values(0, min(max(axes.get_ylim()[1], 0.1), 100)))
    steps = [step for step in found if step <= 100]
    axes.set_yticks(steps)
    axes.set_ylim(0, steps[-1])
    axes.yaxis.set_major_formatter("{x:g}%")
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=_COLOUR["line"], linewidth=0.6, clip_on=False)
    written = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    drawn = written.getvalue()
    inside = re.sub(r"<defs>.*?</defs>|\s(?:id|transform)=\"(?!translate)[^\"]*\"|\n", " ", drawn, flags=re.DOTALL)
    inside = inside[inside.index(">", inside.index("<svg")) + 1 :]
    for code, name in _INK.items():
        inside = inside.replace(code, f"var(--{name})")
    size = re.search(r'viewBox="[^"]*"', drawn)
    box = size[0] if size else ""
    return f'<svg {box} role="img" aria-label="{escape(what, quote=True)}">{re.sub(r" +", " ", inside)}'
