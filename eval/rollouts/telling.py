"""Which rollouts of a step tell most, where a page cannot hold all of them."""

from collections.abc import Sequence

from eval.rollouts.marks import FILTERS
from policy.rollouts import Row

ALARMING = frozenset(one.key for one in FILTERS if one.alarming)


def quota(sizes: Sequence[int], most: int) -> int:
    """The largest number of rollouts a step, 1 or more, with which steps of these sizes keep at most `most` in all."""
    low, up = 1, max(sizes)
    while low < up:
        middle = (low + up + 1) // 2
        if sum(min(middle, size) for size in sizes) <= most:
            low = middle
        else:
            up = middle - 1
    return low


def telling(rows: Sequence[Row], marks: Sequence[set[str]], most: int) -> list[int]:
    """The places of the `most` most telling rows of one step, in their order.

    First what is alarming, then the best and the worst of each group, then what lies between.
    """
    if len(rows) <= most:
        return list(range(len(rows)))
    groups: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        groups.setdefault(row["example"], []).append(at)
    inside: dict[int, int] = {}
    for places in groups.values():
        ranked = sorted(places, key=lambda at: rows[at].get("advantage") or 0.0)
        inside |= {at: min(i, len(ranked) - 1 - i) for i, at in enumerate(ranked)}
    best = sorted(range(len(rows)), key=lambda at: (not marks[at] & ALARMING, inside[at], at))
    return sorted(best[:most])
