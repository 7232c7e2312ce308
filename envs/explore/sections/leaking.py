"""Is it leaking? What one split has from another, and what occurs twice inside one."""

from collections.abc import Iterable, Iterator

from envs.explore.facts import Facts
from envs.explore.near import GRAM
from envs.explore.pieces import dot, fold, of, row, safe, table
from envs.explore.repeats import DATABASE, SCHEMA, Kind, Pair


def leaking(facts: Facts) -> list[str]:
    lines = ["<h2>Is it leaking?</h2>"]
    if facts.leaks:
        lines += _between(facts)
    else:
        lines.append("<p>Only one split was looked at, so nothing can leak from it.</p>")
    names = [dot(i, split.name) for i, split in enumerate(facts.splits)]
    kinds = [kind.what for kind in facts.splits[0].repeats]
    rows = [
        row(what, [of(split.repeats[i].count, split.examples) for split in facts.splits])
        for i, what in enumerate(kinds)
    ]
    return [
        *lines,
        "<h3>Twice inside a split</h3>",
        '<p class="soft">Examples beyond the first of their kind. Several questions for one gold are common where a '
        "set asks everything in two ways.</p>",
        table(["", *names], rows),
        *_folds((split.name, kind) for split in facts.splits for kind in split.repeats),
    ]


def _between(facts: Facts) -> list[str]:
    leaks = facts.leaks
    head = ["", *(f"{safe(leak.later)} from {safe(leak.earlier)}" for leak in leaks)]
    rows = [row("databases shared", [f"{leak.shared:,} of {leak.databases:,}" for leak in leaks])]
    for i, kind in enumerate(leaks[0].kinds):
        rows.append(row(kind.what, [of(leak.kinds[i].count, leak.examples) for leak in leaks]))
    return [
        '<p class="soft">Examples of the later split that have an example of this kind in the earlier one. Questions '
        "are compared without case, punctuation and spacing, golds without spacing, comments and case outside quotes. "
        f"Nearly the same: their runs of {GRAM} characters have a Jaccard similarity of {facts.near_threshold:g} or "
        "more, the same question included.</p>",
        table(head, rows),
        *_folds((f"{leak.later} from {leak.earlier}", kind) for leak in leaks for kind in leak.kinds),
    ]


def _folds(found: Iterable[tuple[str, Kind]]) -> Iterator[str]:
    """The first few of each kind that occurs; whole schemas and databases are told by their count."""
    groups: dict[str, list[str]] = {}
    for name, kind in found:
        if kind.count and kind.what not in (SCHEMA, DATABASE):
            body = groups.setdefault(name, [])
            body.append(f"<h3>{kind.what}: {kind.count:,}</h3>")
            body += map(_pair, kind.first)
    for name, body in groups.items():
        yield fold(f"the first few of each, {safe(name)}", body)


def _pair(pair: Pair) -> str:
    alike = "" if pair.alike == 1.0 else f", similarity {pair.alike:.2f}"
    sides = (
        f"<p>{safe(question)}</p><pre>{safe(gold)}</pre>"
        for question, gold in zip(pair.questions, pair.golds, strict=True)
    )
    ids = f"{safe(pair.ids[0])} and {safe(pair.ids[1])}{alike}"
    return f'<div class="same"><p class="soft">{ids}</p>{"".join(sides)}</div>'
