"""Can it be scored? Why golds cannot, what is to be said of others, how long they take."""

from collections import Counter
from collections.abc import Sequence

from envs.explore.facts import Facts, SplitFacts
from envs.explore.pieces import dot, fold, row, safe, table
from envs.explore.scoring import Reason


def scored(facts: Facts) -> list[str]:
    splits = facts.splits
    head = ["", *(dot(i, split.name) for i, split in enumerate(splits))]
    lines = ["<h2>Can it be scored?</h2>"]
    lines.append(
        '<p class="soft">Each gold was run as an answer to its own question and compared with itself, as '
        "<code>python -m rewards.validate</code> does, which lists every one of them.</p>"
    )
    reasons = [split.scoring.reasons for split in splits]
    if any(reasons):
        lines += ["<h3>Why golds cannot be graded</h3>", table(head, _counted(reasons)), *_shown(splits, reasons)]
    else:
        lines.append("<p>Every gold can be graded.</p>")
    notes = [split.scoring.notes for split in splits]
    if any(notes):
        lines += ["<h3>What is noted of golds</h3>", table(head, _counted(notes))]
    if unparsed := [(split.name, *pair) for split in splits for pair in split.scoring.unparsed]:
        rows = [f"<tr><td>{safe(name)} {safe(id)}</td><td>{safe(why)}</td></tr>" for name, id, why in unparsed]
        count = sum(split.examples - split.scoring.parses for split in splits)
        lines.append(fold(f"<b>{count:,}</b> golds do not parse with sqlglot", [_plain(rows)]))
    endings = list(dict.fromkeys(ending for split in splits for ending in split.scoring.endings))
    counts = [
        row(safe(ending), [f"{split.scoring.endings.get(ending, 0):,}" for split in splits]) for ending in endings
    ]
    return [*lines, "<h3>How running a gold ends, and how long it takes</h3>", table(head, counts + _seconds(splits))]


def _seconds(splits: Sequence[SplitFacts]) -> list[str]:
    found = [split.scoring for split in splits]
    return [
        row("median of one run", [_ms(each.seconds_p50) for each in found]),
        row("99% within", [_ms(each.seconds_p99) for each in found]),
        row("longest", [_ms(each.seconds_max) for each in found]),
        row("all golds once", [f"{each.seconds_sum:.2f} s" for each in found]),
    ]


def _counted(groups: Sequence[Sequence[Reason]]) -> list[str]:
    """One row a reason, one column a split."""
    counts = [{reason.why: reason.count for reason in reasons} for reasons in groups]
    together = Counter[str]()
    for found in counts:
        together.update(found)
    names = sorted(together, key=lambda why: (-together[why], why))
    return [row(safe(why), [f"{found.get(why, 0):,}" for found in counts]) for why in names]


def _shown(splits: Sequence[SplitFacts], groups: Sequence[Sequence[Reason]]) -> list[str]:
    rows = [
        f"<tr><td>{safe(split.name)} {safe(id)}</td><td>{safe(why)}</td></tr>"
        for split, reasons in zip(splits, groups, strict=True)
        for reason in reasons
        for id, why in reason.first
    ]
    return [fold("the first few of each", [_plain(rows)])]


def _plain(rows: Sequence[str]) -> str:
    return "<table>\n" + "\n".join(rows) + "\n</table>"


def _ms(seconds: float) -> str:
    """Milliseconds with two digits that count, or in whole ones."""
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.2g} ms"
