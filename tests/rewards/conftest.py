"""A rollout is a literal: every judge is tested on records, without a database."""

from collections.abc import Callable

import pytest

from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.rollout import Rollout
from envs.verdict import Verdict

GOLD = "SELECT name FROM singer WHERE age > 30"

MakeRollout = Callable[..., Rollout]


@pytest.fixture
def make_rollout() -> MakeRollout:
    """A rollout with the gold's own text and a right verdict, unless told otherwise."""

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
    ) -> Rollout:
        database = Database("sqlite", script="CREATE TABLE singer (name TEXT, age INTEGER);")
        example = Example("1", "Who is over 30?", database, "singer(name TEXT, age INTEGER)", "singer", gold, "sqlite")
        verdict = Verdict(strict, state, vacuous)
        return Rollout(example, sql if completion is None else completion, sql, gate, Execution(status), verdict)

    return make
