"""Accuracy against latency, the number of parameters as the bubble, as SVG; drawn only where every latency is known."""

import math
from collections.abc import Sequence

from eval.head_to_head.comparison import Comparison
from eval.head_to_head.cost_table import latency
from eval.head_to_head.numbers import percent
from eval.head_to_head.policies import Cost
from eval.head_to_head.safe_text import safe
from eval.head_to_head.waits import comparable

HEIGHT, TOP, FOOT = 260, 20, 40


def bubbles(found: Comparison) -> str:
    """Nothing where a policy's latency is unknown; a paragraph that says so where they were measured differently, for
    then there is nothing to compare. Latency runs from 0, accuracy over all intervals."""
    waits = [latency(one.costs) for one in found.policies]
    known = [wait for wait in waits if wait is not None]
    if len(known) < len(waits) or max(known) <= 0:
        return ""
    if not comparable(cost for one in found.policies for cost in one.costs):
        return _why_not(found)
    low, high = min(one.accuracy.low for one in found.policies), max(one.accuracy.high for one in found.policies)
    sizes = [one.costs[0].parameters or 0 for one in found.policies]
    drawn = ""
    for place, (one, wait, size) in enumerate(zip(found.policies, known, sizes, strict=True)):
        across = 8 + 74 * wait / max(known)
        down, ends = (
            _down(one.accuracy.mean, low, high),
            [_down(at, low, high) for at in (one.accuracy.low, one.accuracy.high)],
        )
        radius = 6 + 14 * math.sqrt(size / max(sizes)) if max(sizes) else 8
        drawn += f'<line class="ink" x1="{across:.1f}%" x2="{across:.1f}%" y1="{ends[0]:.0f}" y2="{ends[1]:.0f}"/>'
        drawn += f'<circle class="fill p{place}" cx="{across:.1f}%" cy="{down:.0f}" r="{radius:.1f}"/>'
        told = f"{safe(one.name)} {percent(one.accuracy.mean)}%, {1000 * wait:,.0f} ms"
        drawn += f'<text x="{across:.1f}%" y="{down - radius - 5:.0f}" text-anchor="middle">{told}</text>'
    line = HEIGHT - FOOT + 12
    drawn += f'<line class="grid" x1="8%" x2="100%" y1="{line}" y2="{line}"/>'
    drawn += f'<text x="8%" y="{line + 18}">0 ms</text><text x="100%" y="{line + 18}" text-anchor="end">latency</text>'
    return f'<svg class="bubbles" height="{HEIGHT}" role="img" aria-label="Accuracy against latency">{drawn}</svg>'


def _why_not(found: Comparison) -> str:
    told = "; ".join(f"{one.name} on {where}" for one in found.policies for where in _places(one.costs))
    fix = "Measure all with one backend on one machine: python -m eval.latency"
    return f'<p class="soft">Not drawn: latencies were measured on different things. {safe(told)}. {fix}.</p>'


def _places(costs: Sequence[Cost]) -> list[str]:
    return list(dict.fromkeys(one.measured_on for one in costs))


def _down(share: float, low: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - FOOT) * (1 - (share - low) / max(high - low, 1e-9))
