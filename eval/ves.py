"""VES and R-VES of one answer: how fast it is beside the gold, from times taken in turns.

VES: AlibabaResearch/DAMO-ConvAI, bird/llm/src/evaluation_ves.py at 03898f5 (Li et al., 2023, arXiv:2305.03111); R-VES:
bird-bench/mini_dev, evaluation/evaluation_ves.py at bb37377. A right answer is worth the square root of its ratio, or
of the reward for its ratio; a wrong one 0. Where the ratios do not spread at all, the official filter drops them all,
divides by none of them and scores 0: here all are kept. Both official scripts open the database anew for each run,
mini-dev's times that all rows are read and the original only that the first is: here all rows are, and the database
stays open.
"""

from collections.abc import Sequence
from statistics import fmean, pstdev

STEPS = ((2.0, 1.25), (1.0, 1.0), (0.5, 0.75), (0.25, 0.5))
"""Least ratio and its reward."""
LEAST = 0.25
"""The reward of any other right answer."""


def kept(ratios: Sequence[float]) -> list[float]:
    """Those less than three standard deviations from their mean."""
    mean, spread = fmean(ratios), pstdev(ratios)
    return [one for one in ratios if abs(one - mean) < 3 * spread] if spread else list(ratios)


def ratio(answer: Sequence[float], gold: Sequence[float]) -> float:
    """The mean of the gold's time by the answer's, run by run, without outliers; above 1 the answer is faster."""
    return fmean(kept(ratios(answer, gold)))


def ratios(answer: Sequence[float], gold: Sequence[float]) -> list[float]:
    return [theirs / ours for ours, theirs in zip(answer, gold, strict=True)]


def reward(ratio: float) -> float:
    """R-VES's, before the square root; 0.0 of a wrong answer, whose ratio is 0."""
    if not ratio:
        return 0.0
    return next((worth for least, worth in STEPS if ratio >= least), LEAST)
