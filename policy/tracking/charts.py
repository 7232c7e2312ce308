"""What to draw of a run, by the names that it logged. Imports no torch."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from policy.tracking.names import GROUPS, TOTALS, Chart, Group, group_of


def charts_of(metrics: Iterable[str]) -> list[tuple[Group, list[Chart]]]:
    """What to draw of a run that logged these names: every name in exactly one chart, the patterns filled in, groups
    and charts without a name left out; a name that no chart expects gets one of its own at the end of its group."""
    left = sorted(set(metrics) - {"step", "seconds", *TOTALS})
    drawn: dict[str, tuple[Group, list[Chart]]] = {}
    for group in GROUPS:
        for chart in group.charts:
            lines = [name for pattern in chart.metrics for name in left if fnmatchcase(name, pattern)]
            if lines:
                low, high = (bound if bound in left else None for bound in (chart.low, chart.high))
                drawn.setdefault(group.key, (group, []))[1].append(
                    Chart(chart.title, tuple(dict.fromkeys(lines)), low, high, chart.limits)
                )
                left = [name for name in left if name not in (*lines, low, high)]
    for name in left:
        group = group_of(name)
        drawn.setdefault(group.key, (group, []))[1].append(Chart(name, (name,)))
    order = [group.key for group in GROUPS]
    return sorted(drawn.values(), key=lambda pair: order.index(pair[0].key) if pair[0].key in order else len(order))
