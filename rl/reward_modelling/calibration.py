"""Whether the model's confidence can be believed: of pairs it is p sure of, is it right p of the time? No torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """`count` pairs of which the model was `confidence` sure on average and right in a share of `right`."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """`ece` is the mean distance between confidence and being right, over bins (Naeini et al., 2015); `brier` the mean
    squared distance, 0.25 for a coin (Brier, 1950). `bins` hold about as many pairs each."""

    ece: float
    brier: float
    bins: tuple[Bin, ...]


def calibration(margins: Sequence[float]) -> Calibration:
    """`margins` are the logits of the right query less those of the wrong one. The model is sigmoid(|margin|) sure, at
    least a half, and right where the margin is above 0. Raises ValueError where there is no margin."""
    if not len(margins):
        raise ValueError("there is no pair, so there is no confidence to hold against anything")
    values = np.asarray(margins, dtype=np.float64)
    sure, right = 1 / (1 + np.exp(-np.minimum(np.abs(values), 60))), (values > 0).astype(np.float64)
    order = np.argsort(sure, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    bins = tuple(Bin(float(sure[part].mean()), float(right[part].mean()), len(part)) for part in parts)
    ece = sum(one.count * abs(one.confidence - one.right) for one in bins) / len(values)
    return Calibration(float(ece), float(np.mean((sure - right) ** 2)), bins)
