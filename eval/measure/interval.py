"""A mean over questions with its 95% interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal

import numpy as np

from rewards.paired import Z
from rewards.paired_seeds import resampled

CELLS = 1 << 17
"""Possible sums of all questions that the bootstrap keeps apart."""
WHOLE = 64
"""Values that are multiples of 1 by no more than this are resampled as they are."""


@dataclass(frozen=True, slots=True)
class Mean:
    """`by` names the interval."""

    mean: float
    low: float
    high: float
    by: Literal["wilson", "bootstrap"]


def mean(values: Sequence[float]) -> Mean:
    """Wilson's interval (1927) where every question counts 0 or 1, or all count the same share, of which resampling
    would be sure; else the ideal bootstrap over questions (`rewards.paired_seeds.resampled`), of values rounded to a
    grid of `CELLS` by the number of questions where they are no multiples of a 1/1 to 1/`WHOLE`. Raises ValueError
    where there are none."""
    if not values:
        raise ValueError("no question is scored, so there is no mean")
    average, least = fsum(values) / len(values), min(values)
    width = max(values) - least
    if all(value in (0.0, 1.0) for value in values) or (not width and 0 <= least <= 1):
        return _wilson(average, len(values))
    if not width:
        return Mean(average, average, average, "bootstrap")
    moved = np.array(values) - least
    steps = _steps(moved, width, max(WHOLE, CELLS // len(values)))
    low, high = resampled(np.rint(moved * (steps / width)).astype(np.int64), steps)
    return Mean(average, min(least + width * low, average), max(least + width * high, average), "bootstrap")


def _wilson(share: float, n: int) -> Mean:
    scale, middle = 1 + Z**2 / n, share + Z**2 / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return Mean(share, max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale), "wilson")


def _steps(moved: np.ndarray, width: float, most: int) -> int:
    """Into how many steps the range is divided: the fewest in which each value is one, or as many as may be."""
    for parts in range(1, WHOLE + 1):
        steps = round(width * parts)
        if 0 < steps <= most and np.abs(moved * parts - np.rint(moved * parts)).max() < 1e-9:
            return steps
    return most
