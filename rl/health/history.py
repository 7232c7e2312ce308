"""What a run has logged so far, as the rules look at it: readings in the order of their steps.

A reading is one log of the trainer. It tells the mean over its `span`, the steps since the log before, so windows here
are counted in steps and not in readings, and a log of 30 steps is a window by itself. Nothing is read between logs:
that way a run's `metrics.jsonl` holds all that the rules have seen, and a resumed run and `python -m rl.health` see the
same. What a run was like at first must be known step by step, so `watch.py` has its first steps logged each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import fmean
from typing import Any

TRAINED = ("loss", "reward")
"""A log that has one of these is of training steps; what transformers logs at the end has neither."""

HELD_OUT = "eval_execution_accuracy"

Name = str | tuple[str, ...]
"""A metric, or several that are added up; one with a minus before it is taken away."""

RECENT = 200
"""Readings from which the noise is estimated, so that a long run costs no more a log than a short one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One log: the step it was made at, how many steps it covers, and its numbers, those that are none included."""

    step: int
    span: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class History:
    """Of training steps and of evaluations on held-out questions. `max_unscored_share` is the config's key."""

    train: Sequence[Reading] = ()
    evaluations: Sequence[Reading] = ()
    max_unscored_share: float = 0.5

    @property
    def step(self) -> int:
        return max((part[-1].step for part in (self.train, self.evaluations) if part), default=0)

    @property
    def begun(self) -> int:
        """The step before the first reading."""
        return self.train[0].step - self.train[0].span if self.train else 0

    def last(self, name: Name, steps: int) -> list[float]:
        """The finite values of a metric in the newest readings that cover `steps`; empty where there are not so many
        steps yet, or where one of the readings does not tell the metric."""
        kept = _covering(reversed(self.train), steps)
        return _all(name, kept[::-1])

    def first(self, name: Name, steps: int) -> list[float]:
        """As `last`, of the oldest readings."""
        return _all(name, _covering(self.train, steps))

    def change(self, name: Name, steps: int, first: int | None = None) -> "Change | None":
        """From the first steps, `first` or as many as the last, to the last `steps`; None where they would overlap."""
        before = _covering(self.train, steps if first is None else first)
        after = _covering(reversed(self.train), steps)
        if not _all(name, before) or not _all(name, after) or len(before) + len(after) > len(self.train):
            return None
        error = self._noise(name) * (1 / _steps(before) + 1 / _steps(after)) ** 0.5
        return Change(_mean(name, before), _mean(name, after), error)

    def _noise(self, name: Name) -> float:
        """The standard deviation of one step, from neighbours' differences, in which a trend hardly shows (von Neumann,
        1941). A reading that is the mean of several steps is steadier by the root of their number."""
        told = [(value, found.span) for found in self.train[-RECENT:] if (value := _value(name, found)) is not None]
        squares = [(b - a) ** 2 / (1 / steps + 1 / more) for (a, steps), (b, more) in pairwise(told)]
        return fmean(squares) ** 0.5 if squares else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """The mean of a metric at first and at last, and the standard error of their difference."""

    before: float
    after: float
    error: float

    @property
    def gain(self) -> float:
        return self.after - self.before

    def rises(self, least: float, errors: float) -> bool:
        """Whether it rose by at least so much and by so many standard errors."""
        return self.gain >= least and self.gain >= errors * self.error

    def falls(self, least: float, errors: float) -> bool:
        return -self.gain >= least and -self.gain >= errors * self.error


def reading(line: Mapping[str, Any], before: int) -> Reading | None:
    """A line of `metrics.jsonl` as a reading, `before` being the step of the one before; None for other lines."""
    values = {name: float(value) for name, value in line.items() if isinstance(value, int | float)}
    if "train_runtime" not in values and (HELD_OUT in values or any(name in values for name in TRAINED)):
        return Reading(int(line["step"]), int(line["step"]) - before, values)
    return None


def is_evaluation(found: Reading) -> bool:
    return HELD_OUT in found.values


def _covering(readings: Iterable[Reading], steps: int) -> list[Reading]:
    """As many of them, from the first on, as it takes; none where they are too few."""
    kept: list[Reading] = []
    covered = 0
    for found in readings:
        kept.append(found)
        covered += found.span
        if covered >= steps:
            return kept
    return []


def _steps(readings: Sequence[Reading]) -> int:
    return sum(found.span for found in readings)


def _mean(name: Name, readings: Sequence[Reading]) -> float:
    return sum((_value(name, found) or 0.0) * found.span for found in readings) / _steps(readings)


def _all(name: Name, readings: Sequence[Reading]) -> list[float]:
    values = [value for found in readings if (value := _value(name, found)) is not None]
    return values if len(values) == len(readings) else []


def _value(name: Name, found: Reading) -> float | None:
    total = 0.0
    for one in (name,) if isinstance(name, str) else name:
        value = found.values.get(one.removeprefix("-"))
        if value is None or not isfinite(value):
            return None
        total += -value if one.startswith("-") else value
    return total
