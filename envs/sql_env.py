"""The environment: a completion goes in, a rollout comes out. It never raises on anything a model wrote."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from envs.completion import find_sql
from envs.example import Database, Example
from envs.execution import Limits, Status
from envs.rollout import Rollout
from envs.sandbox import DEFAULT, Job, Judged, Sandbox

REMEMBERED = 50_000
"""How many judged (example, SQL) pairs are kept."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Which examples can be graded: those `kept`, and (id, reason) of those that cannot."""

    kept: tuple[Example, ...]
    quarantined: tuple[tuple[str, str], ...]


class SqlEnv:
    """Examples, and the sandbox that judges answers to them: the one given, or one of its own with `workers`."""

    def __init__(
        self,
        examples: Iterable[Example],
        sandbox: Sandbox | None = None,
        workers: int = 2,
        limits: Limits = DEFAULT,
    ) -> None:
        self._examples: dict[str, Example] = {}
        for example in examples:
            if example.id in self._examples:
                raise ValueError(f"two examples have the id {example.id!r}; ids must be unique")
            self._examples[example.id] = example
        self._owned = sandbox is None
        self._sandbox = sandbox or Sandbox(workers, limits)
        self._limits = limits
        self._known: OrderedDict[tuple[str, str], Judged] = OrderedDict()

    def play(self, example_id: str, completion: str) -> Rollout:
        """Find the SQL, run it once beside the gold, compare. Raises `KeyError` for an id that is not there."""
        return self.play_batch([(example_id, completion)])[0]

    def play_batch(self, completions: Sequence[tuple[str, str]]) -> list[Rollout]:
        """`play` for many (example id, completion) at once, in their order: one job an example, over all workers."""
        asked = [(example_id, find_sql(text)) for example_id, text in completions]
        judged = {key: self._known[key] for key in asked if key in self._known}
        groups: dict[str, dict[str, None]] = {}
        for example_id, sql in asked:
            if (example_id, sql) not in judged:
                groups.setdefault(example_id, {})[sql] = None
        jobs = [self._job(self._examples[example_id], list(sqls)) for example_id, sqls in groups.items()]
        for example_id, answers in zip(groups, self._sandbox.judge(jobs), strict=True):
            for answer in answers:
                judged[example_id, answer.sql] = answer
        rollouts: list[Rollout] = []
        for (example_id, text), key in zip(completions, asked, strict=True):
            answer = judged[key]
            self._remember(key, answer)
            rollouts.append(
                Rollout(self._examples[example_id], text, answer.sql, answer.gate, answer.execution, answer.verdict)
            )
        return rollouts

    def admit(self) -> Admission:
        """Run every gold as an answer to its own question, and keep the examples where it is found right."""
        examples = list(self._examples.values())
        answers = self._sandbox.judge([self._job(example, [example.gold_sql]) for example in examples])
        kept: list[Example] = []
        quarantined: list[tuple[str, str]] = []
        for example, (answer,) in zip(examples, answers, strict=True):
            if answer.verdict.correct:
                kept.append(example)
            else:
                reason = answer.verdict.ungradable or f"the gold is not its own answer: {answer.verdict.reason}"
                quarantined.append((example.id, reason))
        return Admission(tuple(kept), tuple(quarantined))

    def schema_of(self, database: Database) -> str:
        """The database as the policy reads it, one table a line. Raises `ValueError` when there is no such database."""
        return self._sandbox.schema_of(database)

    def close(self) -> None:
        """End the sandbox, if it is this environment's own."""
        if self._owned:
            self._sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _job(self, example: Example, sqls: Sequence[str]) -> Job:
        return Job(example.database, example.gold_sql, example.dialect, sqls, self._limits)

    def _remember(self, key: tuple[str, str], answer: Judged) -> None:
        if answer.execution.status is Status.CRASH:  # worth another try
            return
        self._known[key] = answer
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
