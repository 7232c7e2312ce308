"""What a database answers to a question in words."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.execution import Status
from envs.values import Row


@dataclass(frozen=True, slots=True)
class Candidate:
    """One query that was written. `votes` is how many return what it returns, itself counted; 0 where it failed, or has
    more rows than the limit, and then `error` says so. `policy` names who wrote it where several did; `result`
    names the rows that it returned, "" where there is no vote; `opinion` is a reward model's of it, in (0, 1), None
    where none was asked or it could not read the query."""

    sql: str
    votes: int
    error: str | None = None
    repaired: bool = False
    policy: str = ""
    result: str = ""
    opinion: float | None = None


Heard = Callable[[str, Sequence[Candidate]], None]
"""Told of a stage when it is reached: "written", nothing ran yet; "candidates", all ran; "repaired", one more ran."""


def unheard(stage: str, candidates: Sequence[Candidate]) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` are the first of `count`, which is None where the result has more than the limit of rows; `capped` says
    that some are missing. `error` is why there is no answer, in a sentence. `checks` is one line on what the query
    takes, "" where it was not run. `changes` says what a statement does to the database, None where it only reads;
    `in_place` that it was done to the file itself. `status` is how the statement ended. Seconds are of the wall."""

    question: str
    sql: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    count: int | None = 0
    capped: bool = False
    error: str | None = None
    checks: str = ""
    model_seconds: float = 0.0
    database_seconds: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    changes: tuple[str, ...] | None = None
    in_place: bool = False
    status: Status = Status.OK

    def as_json(self) -> dict[str, Any]:
        """For `json.dumps`: bytes as x'..', numbers that JSON does not know as text."""
        rows = [[_plain(value) for value in row] for row in self.rows]
        return asdict(self) | {"rows": rows, "columns": list(self.columns)}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return value
