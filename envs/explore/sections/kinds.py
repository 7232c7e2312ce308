"""What kind of SQL is it? Clauses, joins, aggregates and other functions."""

from collections import Counter
from collections.abc import Callable, Sequence

from envs.explore.clauses import ORDER
from envs.explore.facts import Facts, SplitFacts
from envs.explore.pieces import dot, meter, safe, table
from envs.explore.plots import bars

MOST_JOINS = 4
"""From here on joins are one bar."""
NAMED = 25
"""Functions that the page names; the JSON has all."""


def kinds(facts: Facts) -> list[str]:
    splits = facts.splits
    head = ["", *(dot(i, split.name) for i, split in enumerate(splits))]
    return [
        "<h2>What kind of SQL is it?</h2>",
        '<p class="soft">Golds that hold it at least once, of those that parse, read from the syntax tree.</p>',
        *_joins(splits),
        table(head, _meters(splits, lambda split: split.made.clauses), "made"),
        "<h3>Aggregates</h3>",
        _named(head, splits, lambda split: split.made.aggregates, "No gold uses an aggregate."),
        "<h3>Other functions</h3>",
        _named(head, splits, lambda split: split.made.functions, "No gold calls another function."),
    ]


def _joins(splits: Sequence[SplitFacts]) -> list[str]:
    groups = [str(n) for n in range(MOST_JOINS)] + [f"{MOST_JOINS} or more"]
    found: dict[str, list[float]] = {}
    for split in splits:
        counts = Counter[int]()
        for joins, golds in split.made.joins.items():
            counts[min(joins, MOST_JOINS)] += golds
        found[split.name] = [100 * counts[n] / max(1, split.made.parsed) for n in range(MOST_JOINS + 1)]
    plot = bars(groups, found, "joins in a gold", "joins in a gold")
    return [f'<div class="plots"><figure><figcaption>Joins in a gold</figcaption>{plot}</figure></div>']


def _meters(splits: Sequence[SplitFacts], counts: Callable[[SplitFacts], dict[str, int]]) -> list[str]:
    found = dict.fromkeys(name for split in splits for name in counts(split))
    names = [*(name for name in ORDER if name in found), *(name for name in found if name not in ORDER)]
    return [
        f"<tr><td>{safe(name)}</td>"
        + "".join(meter(i, counts(split).get(name, 0), split.made.parsed) for i, split in enumerate(splits))
        + "</tr>"
        for name in names
    ]


def _named(
    head: list[str], splits: Sequence[SplitFacts], counts: Callable[[SplitFacts], dict[str, int]], none: str
) -> str:
    rows = _meters(splits, counts)
    if not rows:
        return f"<p>{none}</p>"
    more = f'<p class="soft">{len(rows) - NAMED:,} more are in the JSON.</p>' if len(rows) > NAMED else ""
    return table(head, rows[:NAMED], "made") + more
