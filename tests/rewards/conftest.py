"""A rollout is a literal: every judge is tested on records, without a database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import rewards
from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.rollout import Rollout
from envs.verdict import Verdict

GOLD = "SELECT name FROM singer WHERE age > 30"

MakeRollout = Callable[..., Rollout]
Weights = dict[str, float]

CONFIGS = Path(__file__).parent.parent.parent / "configs"
SHIPPED: dict[tuple[tuple[str, float], ...], list[str]] = {}
"""The `rewards` of each configuration -> the configurations that have just these."""
for file in sorted(CONFIGS.glob("*.yaml")):
    if "rewards" in (found := yaml.safe_load(file.read_text(encoding="utf-8"))):
        SHIPPED.setdefault(tuple(sorted(found["rewards"].items())), []).append(file.stem)
OTHERS: dict[str, Weights] = {
    "row_overlap": {"row_overlap": 1.0},
    "row_overlap, brevity": {"row_overlap": 1.0, "brevity": 0.45},
    "blended, brevity": {"blended": 1.0, "brevity": 0.25},
    "blended, brevity, reward_model": {"blended": 1.0, "brevity": 0.1, "reward_model": 0.19},
    "row_overlap, reward_model": {"row_overlap": 1.0, "reward_model": 0.45},
    "learned_if_wrong": {"learned_if_wrong": 1.0},
}
"""Weights that no shipped configuration has, and for which the same is promised."""


@pytest.fixture(
    scope="module",
    params=[*map(dict, SHIPPED), *OTHERS.values()],
    ids=[*map(" ".join, SHIPPED.values()), *OTHERS],
)
def weights(request: pytest.FixtureRequest) -> Weights:
    """The `rewards` of each shipped configuration, and of OTHERS."""
    return request.param


@pytest.fixture(scope="session")
def total() -> Callable[[Rollout, Weights], float | None]:
    """What training sees of a rollout: the weighted sum, None as soon as one weighted reward is."""

    def summed(rollout: Rollout, weights: Weights) -> float | None:
        scores = [(weight, rewards.load(name)(rollout)) for name, weight in weights.items() if weight]
        return None if any(score is None for _, score in scores) else sum(weight * score for weight, score in scores)

    return summed


@pytest.fixture
def make_rollout() -> MakeRollout:
    """A rollout with the gold's own text and a right verdict, unless told otherwise; `said` goes into the verdict."""

    def make(
        sql: str = GOLD,
        *,
        strict: bool | None = True,
        state: bool | None = None,
        vacuous: bool = False,
        gate: str = "",
        status: Status = Status.OK,
        completion: str | None = None,
        gold: str = GOLD,
        **said: Any,
    ) -> Rollout:
        database = Database("sqlite", script="CREATE TABLE singer (name TEXT, age INTEGER);")
        example = Example("1", "Who is over 30?", database, "singer(name TEXT, age INTEGER)", "singer", gold, "sqlite")
        verdict = Verdict(strict, state, vacuous, **said)
        return Rollout(example, sql if completion is None else completion, sql, gate, Execution(status), verdict)

    return make
