"""What was measured of a policy's answers, and the numbers that are told of it. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PERCENTILES = "linear interpolation between the two nearest, numpy's default"


@dataclass(frozen=True, slots=True)
class Alone:
    """Questions asked one at a time: seconds of each from question to text, tokens of each answer (None where nobody
    counts them), seconds until the first of its text (None where that cannot be seen), and requests that had to be
    sent again, whose time is in no number."""

    seconds: Sequence[float]
    tokens: Sequence[int | None]
    first: Sequence[float | None] | None
    retries: int = 0

    def told(self) -> dict[str, Any]:
        counted, firsts = _sum(self.tokens), [one for one in self.first or () if one is not None]
        return spread(self.seconds) | {
            "questions": len(self.seconds),
            "tokens_an_answer": None if counted is None else round(counted / len(self.tokens), 2),
            "tokens_per_second": None if counted is None else round(counted / sum(self.seconds), 2),
            "first_token": spread(firsts) if len(firsts) == len(self.seconds) else None,
            "retries": self.retries,
        }


@dataclass(frozen=True, slots=True)
class Together:
    """The same questions, `at_once` at a time: seconds for all of them, waits for the server among them."""

    seconds: float
    tokens: Sequence[int | None]
    at_once: int
    retries: int = 0

    def told(self) -> dict[str, Any]:
        counted = _sum(self.tokens)
        return {
            "answers_per_second": round(len(self.tokens) / self.seconds, 4),
            "tokens_per_second": None if counted is None else round(counted / self.seconds, 2),
            "at_once": self.at_once,
            "seconds": round(self.seconds, 4),
            "retries": self.retries,
        }


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Mean, 50th and 95th percentile."""
    import numpy as np

    p50, p95 = np.percentile(seconds, (50, 95))
    return {"mean": round(float(np.mean(seconds)), 6), "p50": round(float(p50), 6), "p95": round(float(p95), 6)}


def _sum(tokens: Sequence[int | None]) -> int | None:
    known = [one for one in tokens if one is not None]
    return sum(known) if len(known) == len(tokens) else None
