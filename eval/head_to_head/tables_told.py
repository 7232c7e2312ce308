"""The tables and sentences of a head-to-head as plain text, for the page and for Markdown alike."""

from collections import Counter
from enum import Enum

from eval.head_to_head.comparison import Comparison, Pair
from eval.head_to_head.numbers import chance, counted, difference_told, percent, signed
from eval.head_to_head.outcome import RIGHT
from eval.head_to_head.slices import BY

Told = tuple[list[str], list[list[str]]]
"""A head and its rows."""

MOST = 8
"""Slices of one kind that are shown, those in which most questions changed."""
FEWEST, CHANGED = 20, 5
"""Questions, and changed ones among them, that a slice needs to have an interval worth reading."""

How = Enum("How", ["SHORT", "LONG"])


def pairs(found: Comparison) -> Told:
    several = len(found.pairs) > 1
    seeds = any(len(one.each_seed) > 1 for one in found.pairs)
    head = ["in points", "difference", "p (Holm)" if several else "p", "gained / lost", "can see above"]
    head += ["each seed: change, gained / lost"] if seeds else []
    rows: list[list[str]] = []
    for one in found.pairs:
        change = one.difference
        row = [f"{one.after} against {one.before}", difference_told(change), _p(one, several)]
        row += [f"{change.gained:,} / {change.lost:,}", percent(change.detectable)]
        each = (f"{signed(mean)}, {gained} / {lost}" for mean, gained, lost in one.each_seed)
        rows.append([*row, *(["; ".join(each)] if seeds else [])])
    return head, rows


def outcomes(found: Comparison) -> Told:
    """Right answers first, then wrong ones by how they are wrong, the most frequent first."""
    names = dict.fromkeys(name for one in found.policies for name in one.outcomes)
    order = sorted(names, key=lambda name: (name != RIGHT, -sum(one.outcomes.get(name, 0) for one in found.policies)))
    several = any(len(one.paths) > 1 for one in found.policies)
    form = ",.1f" if several else ",.0f"
    rows: list[list[str]] = []
    for name in order:
        counts = [one.outcomes.get(name, 0) for one in found.policies]
        rows.append([name, *(format(count, form) if count else "0" for count in counts)])
    return ["answers, mean of seeds" if several else "answers", *(one.name for one in found.policies)], rows


def how_wrong(found: Comparison) -> str:
    if not found.compared:
        return "Each wrong answer counts once, in the judge's words for how it ended or how its rows differ."
    return (
        "Each wrong answer counts once: by what kept it from running, else by the most telling difference between its "
        "query and the gold."
    )


def gains(pair: Pair) -> Told:
    """How gained questions had been wrong, and how lost ones are; those that moved most questions first."""
    moved = Counter(pair.mended) + Counter(pair.broken)
    rows = [[name, f"{pair.mended.get(name, 0):,}", f"{pair.broken.get(name, 0):,}"] for name, _ in moved.most_common()]
    return ["wrong by", f"gained, errors of {pair.before}", f"lost, errors of {pair.after}"], rows


def slices_of(pair: Pair) -> list[Told]:
    """A table each for difficulty, category and database, as far as they are known."""
    found: list[Told] = []
    for by in BY:
        parts = [one for one in pair.slices if one.by == by]
        kept = sorted(parts, key=lambda one: -one.difference.changed)[:MOST] if len(parts) > MOST else parts
        kept = sorted(kept, key=lambda one: -one.difference.mean) if len(parts) > MOST else kept
        rows: list[list[str]] = []
        for one in kept:
            change = one.difference
            enough = change.pairs >= FEWEST and change.changed >= CHANGED
            told = difference_told(change) if enough else signed(change.mean)
            flipped = f"{change.gained:,} / {change.lost:,}"
            rows.append([one.name, f"{change.pairs:,}", told, flipped, percent(one.before), percent(one.after)])
        name = f"{by} ({len(kept)} of {len(parts)})" if len(kept) < len(parts) else by
        if rows:
            found.append(([name, "questions", "difference", "gained / lost", pair.before, pair.after], rows))
    return found


def how(found: Comparison, length: How) -> list[str]:
    """What a sceptic needs beside the numbers; the long form says how they came about."""
    several = len(found.pairs) > 1
    data = found.data
    if length is How.SHORT:
        asked = (
            f"{counted(found.questions, 'question')} of {data['task']}, split {data['split']}; {data['decoding']} "
            f"answers to the prompt {data['prompt']}; comparison {data['comparison']}, contract {data['contract']}"
        )
        left = f"; {counted(len(found.unscored), 'question')} left out for all alike" if found.unscored else ""
        return [f"{asked}{left}.", *found.notes]
    seeds = any(len(one.paths) > 1 for one in found.policies)
    told = [
        "Differences: percentile bootstrap over questions with all resamples there are, summed and not drawn"
        + (", a question with the mean of its seeds. " if seeds else ". ")
        + "p: "
        + ("sign-flip permutation test over questions, all signs counted" if seeds else "exact McNemar test")
        + (f", corrected by Holm for {len(found.pairs)} pairs; intervals are not corrected." if several else "."),
        "A policy is called better where p is below 0.05 and the interval leaves 0 out. Accuracy: "
        + ("bootstrap over questions for several seeds, Wilson's interval for one." if seeds else "Wilson's interval."),
        "Can see above: the smallest difference found about four times of five (74 to 82% of simulations) in as many "
        "questions that change as often"
        + (f", at the strictest level of the correction (0.05 / {len(found.pairs)})." if several else ", at 0.05."),
        "Differences within a difficulty, category, database or kind of error are for looking: none of them is tested.",
    ]
    return told


def _p(one: Pair, several: bool) -> str:
    return chance(one.p_holm) + (f" ({chance(one.difference.p).removeprefix('p = ')})" if several else "")
