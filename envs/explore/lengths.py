"""How long things are: a few figures and a histogram."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 24


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of many lengths (characters or tokens): nearest-rank percentiles, and how many fall in each bin.

    Bin i holds lengths from `i * width` to below `(i + 1) * width`; the last one all that are longer, too.
    """

    count: int
    mean: float
    p50: int
    p90: int
    p99: int
    max: int
    width: int
    bins: tuple[int, ...]


def lengths(values: Sequence[int], width: int) -> Lengths:
    """The figures of `values`, all 0 where there are none."""
    ranked = sorted(values)
    bins = [0] * BINS
    for value in ranked:
        bins[min(value // width, BINS - 1)] += 1
    mean = round(sum(ranked) / len(ranked), 1) if ranked else 0.0
    p50, p90, p99 = (percentile(ranked, share) for share in (0.5, 0.9, 0.99))
    return Lengths(len(ranked), mean, p50, p90, p99, max(ranked, default=0), width, tuple(bins))


def percentile(ranked: Sequence[int], share: float) -> int:
    """The smallest of the sorted values that at least this share of them does not exceed; 0 where there are none."""
    return ranked[math.ceil(share * len(ranked)) - 1] if ranked else 0


def width_for(values: Sequence[int]) -> int:
    """A round width of bins that leaves about one value in a hundred beyond the last of them."""
    least = percentile(sorted(values), 0.99) / (BINS - 1)
    steps = (step * 10**power for power in range(9) for step in (1, 2, 5))
    return next(step for step in steps if step >= least)
