"""What a head-to-head compares: policies, the runs of each, and one answer of each run to every question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Table = tuple[tuple[Any, ...], ...]
"""The first rows of a result."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`correct` is None where there is no ruler, and `unscored` says why. `sample` is None where no file holds it.
    `completion` is the whole answer and `truncated` says that it was cut, as far as the files tell."""

    sql: str
    correct: bool | None
    status: str
    gate: str
    message: str
    reason: str
    columns: int
    rows: int
    sample: Table | None
    unscored: str
    twins: bool | None = None
    completion: str = ""
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as far as the files or the task tell; "" is unknown."""

    question: str = ""
    gold: str = ""
    difficulty: str = ""
    database: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run's files say that it cost; None is unknown. Seconds, MiB, tokens; `peak_mib` is of training,
    `answering_mib` of answering; `hardware`, `command` and `began_from` are words.

    `latency` (mean, P50 and P95) is seconds an answer, asked one at a time, `answers_per_second` of many at once;
    `measured_on` is what both were measured on and of: only where it is the same can they be compared.
    """

    training_seconds: float | None = None
    steps: int | None = None
    training_tokens: float | None = None
    peak_mib: float | None = None
    trainable_parameters: int | None = None
    answer_tokens: float | None = None
    latency: float | None = None
    latency_p50: float | None = None
    latency_p95: float | None = None
    answers_per_second: float | None = None
    answering_mib: float | None = None
    measured_on: str = ""
    parameters: int | None = None
    hardware: str = ""
    command: str = ""
    began_from: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One seed. `conditions` must be the same for all that are compared; `task_path` is where its data lies,
    `longest` the tokens at which an answer is cut."""

    path: str
    answers: Mapping[str, Answer]
    asked: Mapping[str, Asked]
    conditions: Mapping[str, Any]
    task_path: str | None
    stand_in: bool
    longest: int | None = None
    cost: Cost = field(default_factory=Cost)


@dataclass(frozen=True, slots=True)
class Policy:
    """`runs` are its seeds, in the order they were given."""

    name: str
    runs: tuple[Run, ...]
