"""Questions that one policy answers right and the other does not, with what both wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval.head_to_head.outcome import Outcome
from eval.head_to_head.policies import Answer, Asked, Policy, Table


@dataclass(frozen=True, slots=True)
class Written:
    """One query of a policy, and the places of its seeds that wrote it, from 1. `became` is its outcome, `also` how
    else it is wrong; `table` holds the first of its `rows` rows, None where no file does."""

    sql: str
    seeds: tuple[int, ...]
    right: bool
    became: str
    also: tuple[str, ...]
    told: str
    columns: int
    rows: int
    table: Table | None

    @property
    def outcome(self) -> str:
        """In words, all of it."""
        return ", ".join((self.became, *self.also))


@dataclass(frozen=True, slots=True)
class Flip:
    """`change` is after minus before, the mean of the seeds of each. `expected` is the gold's result where known."""

    example: str
    change: float
    asked: Asked
    before: tuple[Written, ...]
    after: tuple[Written, ...]
    expected: Table | None = None

    @property
    def gained(self) -> bool:
        return self.change > 0

    @property
    def error(self) -> str:
        """How the answer that was mended had been wrong, or how the one that was broken is."""
        side = self.before if self.gained else self.after
        return next((one.became for one in side if not one.right), "")


def flips(
    questions: Sequence[str],
    asked: Mapping[str, Asked],
    before: Policy,
    after: Policy,
    right: Mapping[str, np.ndarray],
    outcome: Outcome,
) -> list[Flip]:
    """The largest changes first, then in the order of the questions."""
    changes = right[after.name].mean(axis=0) - right[before.name].mean(axis=0)
    found = [
        Flip(name, float(change), asked[name], written(before, name, outcome), written(after, name, outcome))
        for name, change in zip(questions, changes, strict=True)
        if abs(change) > 1e-12
    ]
    return sorted(found, key=lambda flip: -abs(flip.change))


def written(policy: Policy, example: str, outcome: Outcome) -> tuple[Written, ...]:
    """Each query once, those of most seeds first."""
    found: dict[str, Written] = {}
    for seed, run in enumerate(policy.runs, 1):
        answer = run.answers[example]
        if answer.sql in found:
            found[answer.sql] = replace(found[answer.sql], seeds=(*found[answer.sql].seeds, seed))
        else:
            found[answer.sql] = _written(answer, seed, outcome(example, answer))
    return tuple(sorted(found.values(), key=lambda one: -len(one.seeds)))


def _written(answer: Answer, seed: int, became: tuple[str, ...]) -> Written:
    told = answer.message or answer.gate or answer.reason
    table = answer.sample if answer.status == "ok" else None
    first, *also = became
    right = bool(answer.correct)
    return Written(answer.sql, (seed,), right, first, tuple(also), told, answer.columns, answer.rows, table)
