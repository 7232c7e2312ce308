"""What a file says of its answers beside what execution says: of the pairs it claims, how many are pairs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rl.pairs.answers import Answer
from rl.pairs.from_file import Given


@dataclass(frozen=True, slots=True)
class Claims:
    """`pairs` counts every chosen beside every rejected one of a row, the row's gold as one chosen; `dropped` says why
    of those that are not `confirmed`. `answers` counts (what the file says, what execution says)."""

    pairs: int = 0
    confirmed: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)


def audit(found: Sequence[Given], answers: Sequence[Answer | None]) -> Claims:
    dropped: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for given, answer in zip(found, answers, strict=True):
        if given.claim:
            said[f"{given.claim}: {_told(given, answer)}"] += 1
    pairs = 0
    for _, row in groupby(zip(found, answers, strict=True), key=lambda one: one[0].question):
        told = list(row)
        chosen = [one for one in told if one[0].claim in ("chosen", "gold")]
        rejected = [one for one in told if one[0].claim == "rejected"]
        pairs += len(chosen) * len(rejected)
        dropped.update(why for good in chosen for bad in rejected if (why := _why_dropped(good, bad)))
    return Claims(pairs, pairs - dropped.total(), dict(dropped.most_common()), dict(said.most_common()))


def believed(given: Given, answer: Answer | None) -> Answer | None:
    """The answer, None where execution contradicts what the file says of it, and for the gold, which is at hand."""
    if answer is None or given.claim == "gold":
        return None
    contradicted = {"chosen": not answer.right, "rejected": not answer.wrong}
    return None if contradicted.get(given.claim) else answer


def _why_dropped(chosen: tuple[Given, Answer | None], rejected: tuple[Given, Answer | None]) -> str:
    for given, answer in (chosen, rejected):
        told = _told(given, answer)
        if told not in (("wrong", LUCKY) if given.claim == "rejected" else ("right",)):
            return told if answer is None else f"its {given.claim} one is {told}"
    return ""


LUCKY = "right on its database, refuted by a twin"


def _told(given: Given, answer: Answer | None) -> str:
    if given.example is None:
        return "its question is not in the task"
    if answer is None:
        return "its gold cannot grade an answer"
    if answer.lucky:
        return LUCKY
    return "right" if answer.right else "wrong" if answer.wrong else "not decided by execution"
