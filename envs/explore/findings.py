"""What a person who decides to train on a task should know first: a few sentences, the numbers in them counted."""

from typing import Literal, NamedTuple

from envs.explore.facts import Facts
from envs.explore.pieces import share
from envs.explore.repeats import NEAR_THERE, QUESTION_THERE, SCHEMA, TEMPLATE, Leak

Tone = Literal["good", "mind", "plain"]

MANY = 0.05
"""Share of golds that cannot be graded, or give no row, from which it is worth a warning."""


class Finding(NamedTuple):
    """One sentence, and whether it is good news, something to mind, or neither."""

    tone: Tone
    text: str


def findings(facts: Facts) -> list[Finding]:
    """In the order in which they decide: can it be scored, does it leak, how long is it, does it repeat itself."""
    return [_graded(facts), _empty(facts), *_asked(facts), *_shared(facts), _long(facts), _twice(facts), _made(facts)]


def _graded(facts: Facts) -> Finding:
    whole = sum(split.examples for split in facts.splits)
    lost = whole - sum(split.scoring.graded for split in facts.splits)
    if not lost:
        return Finding("good", f"All {whole:,} golds can be graded.")
    counts: dict[str, int] = {}
    for split in facts.splits:
        for reason in split.scoring.reasons:
            counts[reason.why] = counts.get(reason.why, 0) + reason.count
    why, most = max(counts.items(), key=lambda item: item[1])
    text = f"{lost:,} of {whole:,} golds ({share(lost, whole)}) cannot be graded; most often: {why} ({most:,})."
    return Finding("mind" if lost > MANY * whole else "plain", text)


def _empty(facts: Facts) -> Finding:
    ran = sum(split.scoring.runs for split in facts.splits)
    empty = sum(split.scoring.empty for split in facts.splits)
    writes = sum(split.scoring.writes for split in facts.splits)
    if not ran:
        return Finding("mind", "No gold runs.")
    nothing = sum(split.scoring.proves_nothing for split in facts.splits)
    writing = f"{writes:,} golds write" if writes else "no gold writes"
    text = (
        f"{empty:,} of {ran:,} golds that run ({share(empty, ran)}) give no row; an answer equal to {nothing:,} of "
        f"those that can grade ({share(nothing, ran)} of what runs) proves nothing; {writing}."
    )
    return Finding("mind" if max(empty, nothing) > MANY * ran else "plain", text)


def _asked(facts: Facts) -> list[Finding]:
    leaks = [_leaked(leak, facts.near_threshold) for leak in facts.leaks if leak.count(NEAR_THERE)]
    if leaks or not facts.leaks:
        return leaks
    text = "No question, nor one nearly like it, is asked about the same database in two splits."
    return [Finding("good", text)]


def _leaked(leak: Leak, threshold: float) -> Finding:
    exact, near = leak.count(QUESTION_THERE), leak.count(NEAR_THERE)
    return Finding(
        "mind",
        f"{near:,} of {leak.examples:,} questions of {leak.later} ({share(near, leak.examples)}) are nearly like one "
        f"of {leak.earlier} about the same database (similarity {threshold:g} or more); {exact:,} are the same, word "
        "for word, about the same schema.",
    )


def _shared(facts: Facts) -> list[Finding]:
    leaks = [leak for leak in facts.leaks if leak.shared or leak.count(SCHEMA)]
    if not leaks:
        return [Finding("good", "No two splits share a database or a schema.")] if facts.leaks else []
    each = [
        f"{leak.later} has {leak.shared:,} of its {leak.databases:,} databases, and {leak.count(SCHEMA):,} of its "
        f"{leak.examples:,} examples the schema, from {leak.earlier}"
        for leak in leaks
    ]
    return [Finding("mind", f"Splits share databases: {'; '.join(each)}.")]


def _long(facts: Facts) -> Finding:
    unit = "tokens" if facts.tokenizer else "characters"
    found = [split.tokens.get("prompt") or split.characters["prompt"] for split in facts.splits]
    each = [f"{s.name} {n.p50:,}, {n.p99:,}, {n.max:,}" for n, s in zip(found, facts.splits, strict=True)]
    text = f"Prompts, in {unit} (median, 99%, longest): {'; '.join(each)}."
    over = {limit: sum(split.over.get(limit, 0) for split in facts.splits) for limit in facts.splits[0].over}
    exceeded = [f"{count:,} exceed {limit:,}" for limit, count in over.items() if count]
    return Finding("plain", f"{text} {', '.join(exceeded).capitalize()}." if exceeded else text)


def _twice(facts: Facts) -> Finding:
    asked = [next(kind.count for kind in s.repeats if kind.what == QUESTION_THERE) for s in facts.splits]
    each = [f"{n:,} in {s.name}" for n, s in zip(asked, facts.splits, strict=True)]
    many = any(n > MANY * split.examples for n, split in zip(asked, facts.splits, strict=True))
    tone: Tone = "mind" if many else "plain" if any(asked) else "good"
    return Finding(tone, f"Questions asked before of the same schema in the same split: {', '.join(each)}.")


def _made(facts: Facts) -> Finding:
    counts = [next(kind.count for kind in s.repeats if kind.what == TEMPLATE) for s in facts.splits]
    each = [f"{n:,} in {s.name} ({share(n, s.examples)})" for n, s in zip(counts, facts.splits, strict=True)]
    return Finding("plain", f"Golds that repeat another of their split but for values: {', '.join(each)}.")
