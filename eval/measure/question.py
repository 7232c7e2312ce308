"""A question with a policy's answers to it and all that is known of them, and what a measure says of that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Literal

from envs.example import Example
from policy.scores import Score

Said = float | str
"""A number, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion. `texts` maps a metric of `eval.metrics` to what it says; `ratio` is the gold's time by the
    answer's (`eval.ves`), or why nobody knows it."""

    completion: str
    score: Score
    tokens: int | None
    ratio: Said
    truncated: bool = False
    tried_on_twins: bool = False
    texts: Mapping[str, Said] = field(default_factory=dict[str, Said])


@dataclass(frozen=True, slots=True)
class Question:
    example: Example
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """`of` says a number of a question, or why there is none: then it counts in no mean, and is listed."""

    name: str
    what: str
    of: Callable[[Question], Said]
    unit: Literal["share", "count"] = "share"
    better: Literal["higher", "lower"] = "higher"


def each(said: Callable[[Example, Answer], Said]) -> Callable[[Question], Said]:
    """The mean over the answers of which `said` gives a number; where it gives none, its first reason."""

    def of(question: Question) -> Said:
        found = [said(question.example, answer) for answer in question.answers]
        known = [one for one in found if not isinstance(one, str)]
        return fsum(known) / len(known) if known else next(iter(found), "no completion")

    return of
