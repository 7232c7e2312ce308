"""Which examples can measure anyone: what came of playing each gold as an answer to its own question."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from envs.doubts import doubts
from envs.example import Example
from envs.execution import Status
from envs.sandbox import Judged

SLOW = 1.0
"""Seconds of a gold that are worth a note."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One example. `reason` is why it is quarantined, "" when it is not; `notes` are what a person may want to know."""

    reason: str
    notes: tuple[str, ...] = ()
    status: str = Status.OK

    @property
    def lasting(self) -> bool:
        """Whether the same would be found again: not where a process was lost or a file was not there."""
        passing = any(part in self.reason for part in ("does not finish", "(memory)", "(crash)", "it cost"))
        return not passing and self.status not in (Status.CRASH, Status.NO_DATABASE, Status.TIMEOUT, Status.MEMORY)

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        return cls(kept["reason"], tuple(kept["notes"]), kept["status"])


@dataclass(frozen=True, slots=True)
class Admission:
    """Which examples can be graded: those `kept`, and (id, reason) of those that cannot; (id, notes) of any.

    `ran` holds the ids of those whose gold executes, gradable or not: each can still be taught.
    """

    kept: tuple[Example, ...]
    quarantined: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ran: frozenset[str] = frozenset()

    @classmethod
    def of(cls, examples: Sequence[Example], findings: Sequence[Finding]) -> Self:
        pairs = list(zip(examples, findings, strict=True))
        return cls(
            tuple(example for example, found in pairs if not found.reason),
            tuple((example.id, found.reason) for example, found in pairs if found.reason),
            tuple((example.id, found.notes) for example, found in pairs if found.notes),
            frozenset(example.id for example, found in pairs if found.status == Status.OK),
        )


def finding(example: Example, gold: str, answer: Judged) -> Finding:
    """What to make of one gold's judgement beside itself: a second run that must agree with the first."""
    verdict, execution = answer.verdict, answer.execution
    reason = "" if verdict.correct else verdict.ungradable or f"the gold is not its own answer: {verdict.reason}"
    notes = list(doubts(gold, example.dialect, example.database.engine).notes)
    if verdict.correct and verdict.vacuous:
        notes.append(f"proves nothing: {verdict.reason}")
    if execution.seconds > SLOW:
        notes.append(f"takes {execution.seconds:.1f} s")
    return Finding(reason, tuple(notes), execution.status)
