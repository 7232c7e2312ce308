"""Bars and intervals as SVG that is as wide as its place: shapes in percent, so that the text beside keeps its size.

No radar: its area grows with the square and depends on the order of the axes, and it has no room for an interval. No
3-D view either: three numbers a policy are read off a table.
"""

from collections.abc import Sequence

from eval.head_to_head.comparison import Comparison, Pair, Standing
from eval.head_to_head.numbers import accuracy_told, difference_told
from eval.head_to_head.safe_text import safe
from rewards.paired import Interval

MOST_GROUPS = 12
SCALES = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Where the axis of differences may end."""


def bars(found: Comparison) -> str:
    """Accuracy of each policy over all questions."""
    whole = _group(f"all {found.questions:,} questions", [(one, one.accuracy) for one in found.policies])
    return f'<div class="chart">{whole}{_axis(("0", "25", "50", "75", "100%"))}</div>'


def grouped_bars(found: Comparison) -> str:
    """Accuracy of each policy within each difficulty; "" where there is one only."""
    names = list(found.policies[0].by)
    if not names:
        return ""
    parts: list[str] = []
    for name in names[:MOST_GROUPS]:
        within = [(one, one.by[name]) for one in found.policies]
        parts.append(_group(f"{name} ({within[0][1].scored:,})", within))
    if len(names) > MOST_GROUPS:
        parts.append(f'<p class="soft">The {MOST_GROUPS} largest of {len(names):,} groups.</p>')
    return f'<div class="chart">{"".join(parts)}{_axis(("0", "25", "50", "75", "100%"))}</div>'


def differences(pairs: Sequence[Pair]) -> str:
    """Each difference with its interval, beside a line at no difference."""
    widest = max(max(abs(one.difference.low), abs(one.difference.high)) for one in pairs)
    step = next(one for one in SCALES if one >= widest)
    rows = "".join(_difference(one, step) for one in pairs)
    ends = [f"{100 * at:+g}" if at else "0" for at in (-step, -step / 2, 0, step / 2, step)]
    return f'<div class="chart wide-names">{rows}{_axis((*ends[:-1], f"{ends[-1]} points"))}</div>'


def _group(name: str, within: Sequence[tuple[Standing, Interval]]) -> str:
    rows = "".join(_bar(one, interval, place) for place, (one, interval) in enumerate(within))
    return f'<div class="bars" role="group"><p class="of">{safe(name)}</p>{rows}</div>'


def _bar(one: Standing, share: Interval, place: int) -> str:
    mean, low, high = (f"{100 * at:.2f}%" for at in (share.mean, max(share.low, 0), min(share.high, 1)))
    drawn = _grid((25, 50, 75))
    drawn += f'<rect class="fill p{place}" x="0" y="4" width="{mean}" height="12" rx="2"/>'
    drawn += _whisker(low, high)
    return _row(f'<i class="dot p{place}"></i>{safe(one.name)}', drawn, accuracy_told(share), f"{one.name}: accuracy")


def _difference(pair: Pair, step: float) -> str:
    mean, low, high = (f"{50 + 50 * at / step:.2f}%" for at in _triple(pair))
    kind = "none" if not pair.sure else "up" if pair.difference.mean > 0 else "down"
    drawn = _grid((25, 75)) + '<line class="zero" x1="50%" x2="50%" y1="0" y2="20"/>'
    drawn += _whisker(low, high) + f'<circle class="{kind}" cx="{mean}" cy="10" r="5"/>'
    name = f"{safe(pair.after)} <span>against</span> {safe(pair.before)}"
    return _row(name, drawn, difference_told(pair.difference), f"{pair.after} against {pair.before}: points")


def _triple(pair: Pair) -> tuple[float, float, float]:
    return pair.difference.mean, pair.difference.low, pair.difference.high


def _whisker(low: str, high: str) -> str:
    ends = "".join(f'<line class="ink" x1="{at}" x2="{at}" y1="6" y2="14"/>' for at in (low, high))
    return f'<line class="ink" x1="{low}" x2="{high}" y1="10" y2="10"/>{ends}'


def _grid(places: Sequence[int]) -> str:
    return "".join(f'<line class="grid" x1="{at}%" x2="{at}%" y1="0" y2="20"/>' for at in places)


def _row(name: str, drawn: str, told: str, label: str) -> str:
    return (
        f'<div class="row"><span class="name">{name}</span><svg height="20" role="img" '
        f'aria-label="{safe(label)} {told}">{drawn}</svg><span class="told">{told}</span></div>'
    )


def _axis(marks: Sequence[str]) -> str:
    shown = "".join(f"<span>{mark}</span>" for mark in marks)
    return f'<div class="row axis"><span></span><div class="marks">{shown}</div><span></span></div>'
