"""What a run has logged so far, as the rules look at it: readings in the order of their steps.

A reading is one log of the trainer. It tells the mean over its `span`, the steps since the log before, so windows here
are counted in steps and not in readings, and a log of 30 steps is a window by itself. Nothing is read between logs:
that way a run's `metrics.jsonl` holds all that the rules have seen, and a resumed run and `python -m rl.health` see the
same. What a run was like at first must be known step by step, so `watch.py` has its first steps logged each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import fmean
from typing import Any

from rl.health.change import Change

TRAINED = ("loss", "reward")
"""A log that has one of these is of training steps; what transformers logs at the end has neither."""

HELD_OUT = "eval_execution_accuracy"

Name = str | tuple[str, ...]
"""A metric, or several that are added up; one with a minus before it is taken away."""

REACH = 200
"""Readings at the beginning and at the end that are looked at, so that a long run costs no more a log than a short
one."""


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
        """A metric's finite values over the newest steps that tell it, oldest first; empty where it is not told of so
        many steps, or not yet."""
        return [one.value for one in self._newest(name, steps)]

    def first(self, name: Name, steps: int) -> list[float]:
        """As `last`, of the oldest steps."""
        return [one.value for one in _covering(_told(name, self.train[:REACH]), steps)]

    def change(self, name: Name, steps: int, first: int | None = None) -> Change | None:
        """From the first steps, `first` or as many as the last, to the last `steps`; None where they would overlap."""
        before = _covering(_told(name, self.train[:REACH]), steps if first is None else first)
        after = self._newest(name, steps)
        if not before or not after or before[-1].step >= after[0].step:
            return None
        error = self._noise(name) * (1 / _steps(before) + 1 / _steps(after)) ** 0.5
        return Change(_mean(before), _mean(after), error)

    def _newest(self, name: Name, steps: int) -> "list[_Told]":
        return _covering(_told(name, self.train[-REACH:])[::-1], steps)[::-1]

    def _noise(self, name: Name) -> float:
        """The standard deviation of one step, from neighbours' differences, in which a trend hardly shows (von Neumann,
        1941). A reading that is the mean of several steps is steadier by the root of their number."""
        told = _told(name, self.train[-REACH:])
        pairs = pairwise(told)
        squares = [(new.value - old.value) ** 2 / (1 / old.span + 1 / new.span) for old, new in pairs]
        return fmean(squares) ** 0.5 if squares else 0.0


def reading(line: Mapping[str, Any], before: int) -> Reading | None:
    """A line of `metrics.jsonl` as a reading, `before` being the step of the one before; None for other lines."""
    values = {name: float(value) for name, value in line.items() if isinstance(value, int | float)}
    if "train_runtime" not in values and (HELD_OUT in values or any(name in values for name in TRAINED)):
        return Reading(int(line["step"]), int(line["step"]) - before, values)
    return None


def is_evaluation(found: Reading) -> bool:
    return HELD_OUT in found.values


@dataclass(frozen=True, slots=True)
class _Told:
    """One value of a metric, the step it was logged at, and the steps since it was told before."""

    value: float
    step: int
    span: int


def _told(name: Name, readings: Sequence[Reading]) -> list[_Told]:
    """Where one generation serves several steps only the first of them tells of its completions: what the others do not
    tell counts as told by the next that does."""
    found: list[_Told] = []
    silent = 0
    for one in readings:
        value = _value(name, one)
        silent += one.span
        if value is not None:
            found.append(_Told(value, one.step, silent))
            silent = 0
    return found


def _value(name: Name, found: Reading) -> float | None:
    total = 0.0
    for one in (name,) if isinstance(name, str) else name:
        value = found.values.get(one.removeprefix("-"))
        if value is None or not isfinite(value):
            return None
        total += -value if one.startswith("-") else value
    return total


def _covering(told: Sequence[_Told], steps: int) -> list[_Told]:
    """As many of them, from the first on, as it takes; none where they are too few."""
    kept: list[_Told] = []
    for one in told:
        kept.append(one)
        if _steps(kept) >= steps:
            return kept
    return []


def _steps(told: Sequence[_Told]) -> int:
    return sum(one.span for one in told)


def _mean(told: Sequence[_Told]) -> float:
    return sum(one.value * one.span for one in told) / _steps(told)
