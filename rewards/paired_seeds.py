"""Is one policy better than another, each trained with one or several seeds? No random number is drawn; no torch.

Not a reward. A question counts once however many seeds answered it: its change is the mean of the seeds after less the
mean of the seeds before. Such changes are whole multiples of a step, so that what a bootstrap or a permutation test
would only sample is summed in full here: it is the same each time, and mirrored exactly when the two are swapped.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from rewards.paired import Interval, accuracy, exact_p

FEW = 3
"""Where fewer questions changed, one more each way is added to what is resampled (as Bonett and Price, 2012, do for a
normal interval): of no change at all the percentile interval would be sure, and of one or two too sure."""

Right = np.ndarray
"""Integers 0 and 1, shape (seeds, questions)."""


@dataclass(frozen=True, slots=True)
class PooledDifference:
    """`mean` is after minus before with its 95% interval, over `pairs` questions, `changed` of which moved.

    `p` is two-sided. `gained` and `lost` count questions whose mean over seeds rose or fell. `detectable` is the
    smallest difference that a test at `alpha` would find four times of five in as many questions that change as often.
    `approximate` where the seeds are not as many on both sides: p is then no longer exact.
    """

    mean: float
    low: float
    high: float
    pairs: int
    gained: int
    lost: int
    p: float
    detectable: float
    alpha: float
    approximate: bool

    @property
    def changed(self) -> int:
        return self.gained + self.lost


def pooled_accuracy(right: Right, unscored: int = 0) -> Interval:
    """Of one seed Wilson's interval; of several the ideal bootstrap over questions, each with the mean of its seeds."""
    seeds, questions = right.shape
    if seeds == 1:
        found = accuracy([float(one) for one in right[0]])
        return Interval(found.mean, found.low, found.high, questions, unscored)
    sums = right.sum(axis=0)
    low, high = resampled(sums, seeds)
    return Interval(int(sums.sum()) / (seeds * questions), low, high, questions, unscored)


def pooled_difference(before: Right, after: Right, alpha: float = 0.05) -> PooledDifference:
    """After minus before, both in the same order of questions. Raises ValueError when they are not as many, or none.

    Interval: the percentile bootstrap over questions (Efron, 1979) with all resamples that there are. p: the sign-flip
    permutation test over questions (Fisher, 1935; Pitman, 1937), exact where a policy's seeds could be exchanged for
    the other's under the null hypothesis; with one seed each it is the exact McNemar test (1947), to the bit.
    """
    if before.shape[1] != after.shape[1] or not before.shape[1]:
        raise ValueError(f"{before.shape[1]} questions before and {after.shape[1]} after: the same are needed, and one")
    scale = math.lcm(len(before), len(after))
    changes = after.sum(axis=0) * (scale // len(after)) - before.sum(axis=0) * (scale // len(before))
    gained, lost, pairs = int((changes > 0).sum()), int((changes < 0).sum()), len(changes)
    tried = changes if gained + lost >= FEW else np.append(changes, (scale, -scale))
    low, high = resampled(tried, scale)
    squares, sizes = int((changes.astype(np.int64) ** 2).sum()), int(np.abs(changes).sum())
    return PooledDifference(
        mean=int(changes.sum()) / (scale * pairs),
        low=low,
        high=high,
        pairs=pairs,
        gained=gained,
        lost=lost,
        p=sign_flip_p(changes),
        detectable=detectable(squares / scale**2 / pairs, pairs, alpha, step=squares / scale / sizes if sizes else 1.0),
        alpha=alpha,
        approximate=len(before) != len(after),
    )


def resampled(values: np.ndarray, scale: int) -> tuple[float, float]:
    """2.5% and 97.5% percentiles of the mean of `values / scale` over all resamples, as the n-fold convolution of what
    was observed ("ideal bootstrap", Efron and Tibshirani, 1993, section 6.2). `values` are integers."""
    return _percentile(values, scale), -_percentile(-values, scale)


def _percentile(values: np.ndarray, scale: int) -> float:
    """The smallest mean that at least 2.5% of resamples do not exceed."""
    n, least = len(values), int(values.min())
    share = np.bincount(values - least) / n
    length = n * (len(share) - 1) + 1
    size = 1 << (length - 1).bit_length()
    sums = np.fft.irfft(np.fft.rfft(share, size) ** n, size)[:length] if length > 1 else np.ones(1)
    place = int(np.searchsorted(np.cumsum(sums), 0.025 - 1e-10))
    return (place + n * least) / (n * scale)


def sign_flip_p(changes: np.ndarray) -> float:
    """Two-sided: how often the sum is at least this far from 0 when each question's sign is a fair coin's."""
    sizes = Counter(abs(int(one)) for one in changes if one)
    if len(sizes) < 2:
        return exact_p(int((changes > 0).sum()), int((changes < 0).sum()))
    chances = np.ones(1)
    for size, count in sizes.items():
        heads = np.zeros(size * count + 1)
        heads[::size] = _coins(count)
        chances = np.convolve(chances, heads)
    total = len(chances) - 1
    far = np.abs(2 * np.arange(total + 1) - total) >= abs(int(changes.sum()))
    return min(1.0, math.fsum(chances[far]))


def _coins(count: int) -> list[float]:
    """The chance of each number of heads."""
    ways, found = 1, [1.0] * (count + 1)
    for heads in range(count + 1):
        found[heads] = ways / 2**count
        ways = ways * (count - heads) // (heads + 1)
    return found


def detectable(spread: float, questions: int, alpha: float = 0.05, power: float = 0.8, step: float = 1.0) -> float:
    """The smallest difference that a two-sided test finds with this power, in [0, 1] (Connor, 1987, for McNemar's).

    `spread` is the mean squared change of a question; of one seed each, the share of questions that change. `step` is
    how large a change is that is one. A difference cannot be larger than if all changes were in one direction, so
    beyond that more questions are taken to change.
    """
    sure, strong = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    low, high = 0.0, 1.0
    for _ in range(60):
        tried = (low + high) / 2
        whole = max(spread, tried * step)
        needed = (sure * math.sqrt(whole) + strong * math.sqrt(max(0.0, whole - tried**2))) / tried
        low, high = (low, tried) if needed**2 <= questions else (tried, high)
    return high


def holm(chances: Sequence[float]) -> list[float]:
    """Each p as it stands beside the others (Holm, 1979): all below 0.05 together err at most once in twenty."""
    adjusted, most = [0.0] * len(chances), 0.0
    for place, which in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        most = max(most, min(1.0, (len(chances) - place) * chances[which]))
        adjusted[which] = most
    return adjusted
