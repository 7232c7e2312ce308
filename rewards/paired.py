"""Is one policy better than another on the same questions? Intervals and an exact test; no torch.

Not a reward. A score of None is unscored: it leaves the denominator and is counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959963984540054
"""The 97.5% quantile of the standard normal."""

BLOCK = 1 << 22
"""Numbers held at once while resampling: 32 MiB of int64."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95% interval, over `scored` questions; `unscored` more had no ruler."""

    mean: float
    low: float
    high: float
    scored: int
    unscored: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`mean` is after minus before, with a 95% paired bootstrap interval, over `pairs` questions scored in both.

    `gained` and `lost` count the questions where after is above or below before; `p` is two-sided.
    """

    mean: float
    low: float
    high: float
    pairs: int
    unscored: int
    gained: int
    lost: int
    p: float


def accuracy(scores: Sequence[float | None]) -> Interval:
    """Mean score; Wilson's interval (1927) for scores of 0 and 1, mean +- 1.96 standard errors for any other."""
    values = np.array([score for score in scores if score is not None], dtype=np.float64)
    n = len(values)
    if n == 0:
        raise ValueError(f"none of the {len(scores)} answers was scored, so there is no accuracy to report")
    mean = float(values.mean())
    if np.isin(values, (0.0, 1.0)).all():
        scale = 1 + Z**2 / n
        middle = (mean + Z**2 / (2 * n)) / scale
        half = Z / scale * math.sqrt(mean * (1 - mean) / n + Z**2 / (4 * n**2))
        low, high = max(0.0, middle - half), min(1.0, middle + half)
        return Interval(mean, min(low, mean), max(high, mean), n, len(scores) - n)
    half = Z * float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    return Interval(mean, mean - half, mean + half, n, len(scores) - n)


def paired_difference(
    before: Sequence[float | None], after: Sequence[float | None], seed: int = 0, resamples: int = 10_000
) -> Difference:
    """After minus before, question by question; both in the same order of questions.

    The interval is the percentile bootstrap over questions (Efron, 1979). On scores of 0 and 1 `p` is the exact McNemar
    test (1947), on any other the sign test: the same sum. Raises ValueError when the two are not the same questions.
    """
    if len(before) != len(after):
        raise ValueError(f"before has {len(before)} scores and after {len(after)}: they must answer the same questions")
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b is not None and a is not None]
    if not pairs:
        raise ValueError(f"none of the {len(before)} questions is scored in both, so there is no difference to report")
    differences = np.array([a - b for b, a in pairs], dtype=np.float64)
    low, high = bootstrap(differences, seed, resamples)
    gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
    p = exact_p(gained, lost)
    return Difference(float(differences.mean()), low, high, len(pairs), len(before) - len(pairs), gained, lost, p)


def bootstrap(values: np.ndarray, seed: int, resamples: int) -> tuple[float, float]:
    """2.5% and 97.5% percentiles of the resampled mean: how often each distinct value is drawn is multinomial."""
    random, n = np.random.default_rng(seed), len(values)
    distinct, counts = np.unique(values, return_counts=True)
    block = max(1, BLOCK // len(distinct))
    sizes = [min(block, resamples - done) for done in range(0, resamples, block)]
    means = np.concatenate([random.multinomial(n, counts / n, size=size) @ distinct / n for size in sizes])
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def exact_p(gained: int, lost: int) -> float:
    """Two-sided binomial: how often a fair coin thrown gained + lost times is at least this uneven."""
    n = gained + lost
    tail = sum(math.comb(n, k) for k in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**n)
