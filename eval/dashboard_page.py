"""A dashboard's charts as one HTML page that needs nothing else: the curves of a run as inline SVG."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from policy.tracking.names import Chart, Group

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 200, 52, 20
COLOURS = ("#3366cc", "#dc3912", "#109618", "#ff9900", "#990099", "#0099c6", "#dd4477", "#66aa00", "#b82e2e", "#316395")

STYLE = """body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fff }
section { display: flex; flex-wrap: wrap; gap: 1em } figure { margin: 0; width: 420px } figcaption { font-weight: 600 }
svg { width: 100%; background: #fafafa } text { font-size: 11px; fill: #555 } small { color: #555 }
b { font-weight: 400; white-space: nowrap } i { font-style: normal }
"""

Line = Mapping[str, Any]


def page(title: str, groups: Sequence[tuple[Group, Sequence[Chart]]], lines: Sequence[Line]) -> str:
    """`lines` are those of metrics.jsonl; without any the page says which charts there would be, and of what."""
    parts = [f"<h1>{escape(title)}</h1>"]
    if not lines:
        parts.append("<p>The layout alone: name a run's folder to see its curves.</p>")
    for group, charts in groups:
        figures = "".join(_figure(chart, lines) for chart in charts)
        parts.append(f"<h2>{escape(group.title)}</h2><section>{figures}</section>")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def points(metric: str, lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Step and value wherever the metric was logged as a finite number."""
    found = [(line["step"], line[metric]) for line in lines if isinstance(line.get(metric), int | float)]
    return [(float(step), float(value)) for step, value in found if math.isfinite(value)]


def _figure(chart: Chart, lines: Sequence[Line]) -> str:
    """Of more lines than there are colours, those that are 0 from end to end are left out."""
    curves = {name: points(name, lines) for name in (*chart.metrics, chart.low, chart.high) if name}
    drawn = {name: curve for name, curve in curves.items() if curve}
    caption = f"<figcaption>{escape(chart.title)}</figcaption>"
    names = [name for name in chart.metrics if name in drawn or not lines]
    if len(names) > len(COLOURS) and lines:
        names = [name for name in names if any(value for _, value in drawn[name])]
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
    legend = " ".join(f'<b><i style="color:{colours[name]}">&#9632;</i> {escape(name)}</b>' for name in names)
    return f"<figure>{caption}{_svg(chart, drawn, colours) if drawn else ''}<small>{legend}</small></figure>"


def _svg(chart: Chart, drawn: Mapping[str, list[tuple[float, float]]], colours: Mapping[str, str]) -> str:
    steps = [step for curve in drawn.values() for step, _ in curve]
    values = [value for curve in drawn.values() for _, value in curve]
    first, last = min(steps), max(steps)
    low, high = chart.limits or (min(values), max(values))
    room = 0 if high > low else abs(low) / 2 or 0.5
    low, high = low - room, high + room

    def at(point: tuple[float, float]) -> str:
        across = (point[0] - first) / (last - first) if last > first else 0.5
        up = (point[1] - low) / (high - low)
        return f"{LEFT + across * (WIDTH - LEFT - 8):.1f},{8 + (1 - up) * (HEIGHT - BOTTOM - 8):.1f}"

    shapes: list[str] = []
    if chart.low in drawn and chart.high in drawn:
        band = [*drawn[chart.low], *reversed(drawn[chart.high])]
        shapes.append(f'<polygon points="{" ".join(map(at, band))}" fill="{COLOURS[0]}" opacity=".15"/>')
    for name, colour in colours.items():
        way = " ".join(map(at, drawn[name]))
        shapes.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if len(drawn[name]) == 1:
            x, y = at(drawn[name][0]).split(",")
            shapes.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
    labels = (
        f'<text x="2" y="14">{high:.4g}</text><text x="2" y="{HEIGHT - BOTTOM}">{low:.4g}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 4}">step {first:g}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 4}" text-anchor="end">{last:g}</text>'
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(shapes)}{labels}</svg>'
