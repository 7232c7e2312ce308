"""A right sample wherever there is one: what no way of choosing can exceed (pass@n)."""

from collections.abc import Sequence
from math import comb

from eval.candidates import Answer


def oracle(answers: Sequence[Answer]) -> int:
    return next((place for place, answer in enumerate(answers) if answer.right), 0)


def pass_at(n: int, samples: int, right: int) -> float:
    """The chance that n of these samples, drawn without putting back, hold a right one: the unbiased estimator of
    pass@n (Chen et al., 2021, arXiv:2107.03374, equation 1)."""
    return 1 - comb(samples - right, n) / comb(samples, n)
