"""Where a policy gained and lost: the same difference within each difficulty, database and category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.head_to_head.policies import Asked
from rewards.paired_seeds import PooledDifference, pooled_difference

BY = ("difficulty", "category", "database")


@dataclass(frozen=True, slots=True)
class Slice:
    """`before` and `after` are accuracies within it."""

    by: str
    name: str
    before: float
    after: float
    difference: PooledDifference


def groups(questions: Sequence[str], asked: Mapping[str, Asked], by: str) -> dict[str, list[int]]:
    """Places of the questions by what they are, the largest groups first; empty where all are of one kind."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(questions):
        found.setdefault(getattr(asked[name], by), []).append(place)
    ordered = dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[0])))
    return ordered if len(ordered) > 1 else {}


def slices(
    questions: Sequence[str], asked: Mapping[str, Asked], before: np.ndarray, after: np.ndarray, alpha: float
) -> list[Slice]:
    """In the order of `BY`, within each the largest slices first."""
    found: list[Slice] = []
    for by in BY:
        for name, places in groups(questions, asked, by).items():
            ours, theirs = before[:, places], after[:, places]
            difference = pooled_difference(ours, theirs, alpha)
            found.append(Slice(by, name or "not told", float(ours.mean()), float(theirs.mean()), difference))
    return found
