"""Where a learned reward model and execution disagree about the same completions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from envs.rollout import Rollout
from rewards.parseable import parseable
from rewards.reward_model import reward_model


@dataclass(frozen=True, slots=True)
class Opinion:
    """Of one completion: its question, what the model thinks of it in [0, 1], and whether it is proven right. `read`
    is false where there was no query that may run, and the model was not asked."""

    example: str
    value: float
    right: bool
    read: bool = True


def opinions(rollouts: Sequence[Rollout]) -> list[Opinion]:
    """Of all but what the model could not read and what execution cannot judge."""
    return [
        Opinion(one.example.id, value, proven, parseable(one))
        for one in rollouts
        if (value := reward_model(one)) is not None and (proven := one.verdict.proven) is not None
    ]


def disagreement(found: Sequence[Opinion]) -> dict[str, float]:
    """`mean` and `right_share` are over all completions; the others over those that were read, and absent where they
    need right and wrong ones and there are not both.

    `auc` is the chance that the model puts a right answer of the batch above a wrong one (Hanley and McNeil, 1982),
    `misordered` the share of pairs of right and wrong answers to one question that it puts the wrong way round (a tie
    is half of one), `correlation` Pearson's, of its value with right as 1 and wrong as 0.
    """
    if not found:
        return {}
    told = {"mean": float(np.mean([one.value for one in found]))}
    told["right_share"] = float(np.mean([one.right for one in found]))
    asked = [one for one in found if one.read]
    right, wrong = _parts(asked)
    if len(right):
        told["mean_right"] = float(right.mean())
    if len(wrong):
        told["mean_wrong"] = float(wrong.mean())
    if len(right) and len(wrong):
        told["auc"] = 1 - _misordered(right, wrong) / (len(right) * len(wrong))
        values = np.concatenate([right, wrong])
        if values.std() > 0:
            told["correlation"] = float(np.corrcoef(values, [1.0] * len(right) + [0.0] * len(wrong))[0, 1])
    if (share := misordered(asked)) is not None:
        told["misordered"] = share
    return told


def misordered(found: Sequence[Opinion]) -> float | None:
    """Of the pairs of right and wrong answers to one question; None where there is no such pair."""
    swapped, pairs = 0.0, 0
    for _, group in groupby(sorted(found, key=lambda one: one.example), key=lambda one: one.example):
        right, wrong = _parts(list(group))
        swapped += _misordered(right, wrong)
        pairs += len(right) * len(wrong)
    return swapped / pairs if pairs else None


def _parts(found: Sequence[Opinion]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([one.value for one in found if one.right], dtype=np.float64),
        np.array([one.value for one in found if not one.right], dtype=np.float64),
    )


def _misordered(right: np.ndarray, wrong: np.ndarray) -> float:
    """Pairs in which the wrong answer is above, and half of those that are tied."""
    apart = right[:, None] - wrong[None, :]
    return float((apart < 0).sum() + 0.5 * (apart == 0).sum())
