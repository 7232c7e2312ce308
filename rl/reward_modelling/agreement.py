"""Does the model agree with execution on samples of a policy? Ranks, and what picking by it is worth. No torch.

All intervals are percentile bootstraps over questions (Efron, 1979): samples of one question stand or fall together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """The samples of one question: what the model said of each (minus infinity where there was no query), and whether
    each is right."""

    said: np.ndarray
    right: np.ndarray

    def within(self) -> float | None:
        """How often a right sample is put above a wrong one, ties half; None where all are right or all wrong."""
        return _auc(self.said, self.right) if 0 < self.right.sum() < len(self.right) else None

    def best(self) -> float:
        """Whether the sample that the model puts first is right; of several it likes alike, the share that are."""
        return float(self.right[self.said == self.said.max()].mean())


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95% interval, over `count` questions."""

    value: float
    low: float
    high: float
    count: int

    def told(self, scale: float = 1.0, digits: int = 3) -> str:
        value, low, high = (f"{scale * one:.{digits}f}" for one in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]"


@dataclass(frozen=True, slots=True)
class Agreement:
    """`auc` over all samples; `within` questions that have both right and wrong ones; `spearman` of the ranks of all.
    `best`, `mean` and `oracle` are shares of questions: by the model's first choice, a random one, any that is right;
    `gain` is best less mean. None where right or wrong samples are missing."""

    auc: Estimate | None
    within: Estimate | None
    spearman: Estimate | None
    best: Estimate
    mean: Estimate
    oracle: Estimate
    gain: Estimate


def agreement(questions: Sequence[Question], seed: int = 0) -> Agreement:
    """Raises ValueError where there is no question."""
    if not questions:
        raise ValueError("there is no question with a graded sample")
    mixed = [one for one in questions if one.within() is not None]
    both = 0 < sum(int(one.right.sum()) for one in questions) < sum(len(one.right) for one in questions)
    best, mean, oracle = (
        np.array([score(one) for one in questions])
        for score in (lambda q: q.best(), lambda q: q.right.mean(), lambda q: float(q.right.any()))
    )
    return Agreement(
        auc=_pooled(questions, _auc, seed) if both else None,
        within=_averaged(np.array([one.within() for one in mixed], dtype=np.float64), seed) if mixed else None,
        spearman=_pooled(questions, _spearman, seed) if both else None,
        best=_averaged(best, seed),
        mean=_averaged(mean, seed),
        oracle=_averaged(oracle, seed),
        gain=_averaged(best - mean, seed),
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1, equal values sharing the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]


def _auc(said: np.ndarray, right: np.ndarray) -> float:
    """The area under the ROC curve, by ranks (Mann and Whitney, 1947)."""
    positive = int(right.sum())
    ranks = float(_ranks(said)[right].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * (len(right) - positive))


def _spearman(said: np.ndarray, right: np.ndarray) -> float:
    """0 where the model says the same of all."""
    if np.all(said == said[0]):
        return 0.0
    return float(np.corrcoef(_ranks(said), _ranks(right))[0, 1])


def _pooled(questions: Sequence[Question], measure: Callable[[np.ndarray, np.ndarray], float], seed: int) -> Estimate:
    """Of all samples together, questions resampled; a resample without both right and wrong ones says nothing."""

    def of(some: Sequence[Question]) -> float | None:
        said, right = np.concatenate([q.said for q in some]), np.concatenate([q.right for q in some])
        return measure(said, right) if 0 < right.sum() < len(right) else None

    draw, n = np.random.default_rng(seed), len(questions)
    drawn = (of([questions[at] for at in draw.integers(0, n, n)]) for _ in range(RESAMPLES))
    values = [value for value in drawn if value is not None]
    whole = of(questions)
    assert whole is not None
    low, high = np.percentile(values, (2.5, 97.5)) if values else (whole, whole)
    return Estimate(whole, float(low), float(high), n)


def _averaged(values: np.ndarray, seed: int) -> Estimate:
    draw, n = np.random.default_rng(seed), len(values)
    means = values[draw.integers(0, n, (RESAMPLES, n))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(values.mean()), float(low), float(high), n)
