"""What is it about? Difficulties, categories, and how much of the schemas the golds use."""

from collections import Counter
from collections.abc import Sequence

from envs.explore.facts import Facts, Reach, SplitFacts
from envs.explore.pieces import dot, fold, meter, row, safe, share, table

CATEGORIES = 40
"""Categories that the page names; the JSON has all."""
NONE = "none given"


def about(facts: Facts) -> list[str]:
    head = ["", *(dot(i, split.name) for i, split in enumerate(facts.splits))]
    return [
        *_levels(facts, head),
        "<h2>How much of a schema is used?</h2>",
        table(head, _reach([split.reach for split in facts.splits])),
        *_databases(facts.splits),
    ]


def _levels(facts: Facts, head: list[str]) -> list[str]:
    """Difficulties and categories a split, and of all splits together one by the other, the fuller the warmer."""
    levels = [_counts(split, 1) for split in facts.splits]
    categories = [_counts(split, 0) for split in facts.splits]
    lines = ["<h2>What is it about?</h2>"]
    if _ranked(levels) == [""]:
        lines.append("<p>The task names no difficulty.</p>")
    else:
        lines += ["<h3>Difficulty</h3>", table(head, _meters(facts, levels), "made")]
    if _ranked(categories) == [""]:
        return [*lines, "<p>The task names no category.</p>"]
    rows = _meters(facts, categories)
    more = [f'<p class="soft">{len(rows) - CATEGORIES:,} more are in the JSON.</p>'] if len(rows) > CATEGORIES else []
    return [
        *lines,
        "<h3>Category by difficulty, all splits together</h3>",
        _heat_table(facts, _ranked(categories)[:CATEGORIES], _ranked(levels)),
        *more,
        fold(f"<b>{len(rows):,}</b>categories, split by split", [table(head, rows[:CATEGORIES], "made"), *more]),
    ]


def _meters(facts: Facts, found: Sequence[Counter[str]]) -> list[str]:
    """One row a name, most frequent first, one meter a split."""
    return [
        f"<tr><td>{safe(name or NONE)}</td>"
        + "".join(meter(i, found[i][name], split.examples) for i, split in enumerate(facts.splits))
        + "</tr>"
        for name in _ranked(found)
    ]


def _heat_table(facts: Facts, categories: Sequence[str], levels: Sequence[str]) -> str:
    both = Counter[tuple[str, str]]()
    for split in facts.splits:
        for category, found in split.levels.items():
            both.update({(category, level): count for level, count in found.items()})
    most = max(both.values())
    rows = [
        f"<tr><td>{safe(category or NONE)}</td>"
        + "".join(_heat(both[category, level], most) for level in levels)
        + f"<td>{sum(both[category, level] for level in levels):,}</td></tr>"
        for category in categories
    ]
    return table(["", *(safe(level or NONE) for level in levels), "all"], rows, "heat")


def _ranked(found: Sequence[Counter[str]]) -> list[str]:
    """All names, the most frequent of all splits first."""
    together = Counter[str]()
    for counts in found:
        together.update(counts)
    return sorted(together, key=lambda name: (-together[name], name))


def _counts(split: SplitFacts, which: int) -> Counter[str]:
    """Examples of each category (`which` 0) or difficulty (1)."""
    found = Counter[str]()
    for category, counts in split.levels.items():
        for level, count in counts.items():
            found[(category, level)[which]] += count
    return found


def _heat(count: int, most: int) -> str:
    warmth = round(100 * (count / most) ** 0.5 * 0.6)
    style = f' style="background:color-mix(in srgb, var(--held) {warmth}%, transparent)"' if count else ""
    return f"<td{style}>{count:,}</td>" if count else '<td class="soft">0</td>'


def _reach(found: Sequence[Reach]) -> list[str]:
    return [
        row("schemas shown", [f"{each.schemas:,}" for each in found]),
        row(
            "tables of a schema, mean (most)",
            [f"{each.tables_mean:g} <span class='soft'>({each.tables_max})</span>" for each in found],
        ),
        row(
            "columns of a schema, mean (most)",
            [f"{each.columns_mean:g} <span class='soft'>({each.columns_max})</span>" for each in found],
        ),
        row("foreign keys of a schema, mean", [f"{each.foreign_keys_mean:g}" for each in found]),
        row("tables a gold reads, mean", [f"{each.tables_used_mean:g}" for each in found]),
        row("columns a gold reads, mean", [f"{each.columns_used_mean:g}" for each in found]),
        row("share of shown columns that a gold reads", [share(each.columns_used_share, 1) for each in found]),
        row("columns that some gold reads", [share(each.columns_ever_used_share, 1) for each in found]),
        *([row("statements not understood", [f"{e.unread:,}" for e in found])] if any(e.unread for e in found) else []),
    ]


def _databases(splits: Sequence[SplitFacts]) -> list[str]:
    return [
        fold(
            f"<b>{split.databases:,}</b>databases of {safe(split.name)}, those with most examples",
            [table(["", "examples"], [row(safe(name), [f"{n:,}"]) for name, n in split.largest_databases.items()])],
        )
        for split in splits
    ]
