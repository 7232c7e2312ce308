"""The environment: a completion goes in, a rollout comes out. It never raises on anything a model wrote."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from envs.admission import Admission, Finding, finding
from envs.completion import find_sql
from envs.example import Database, Example
from envs.execution import Limits, Status
from envs.rollout import Rollout
from envs.sandbox import DEFAULT, Job, Judged, Sandbox
from envs.twins.judge import TwinJudge
from envs.verdict import Mode, Verdict

REMEMBERED = 50_000
"""How many judged (example, SQL) pairs are kept."""


class SqlEnv:
    """Examples, and the sandbox that judges answers to them: the one given, or one of its own with `workers`.

    `limits` are the sandbox's own unless they are given here. `comparison` names the verdict that counts as correct.
    With `twins`, a right answer is also run on fuzzed copies of the database (`envs.twins`), and `Verdict.twins` says
    whether it stays right. `cache` is the folder in which golds are kept between runs
    (`envs.sandbox.golds.default_folder()` is the usual one), None for no such folder. With `fingerprints` every result
    has its name (`Execution.fingerprint`).
    """

    def __init__(
        self,
        examples: Iterable[Example],
        sandbox: Sandbox | None = None,
        workers: int = 2,
        limits: Limits | None = None,
        comparison: Mode = "strict",
        twins: bool = False,
        cache: Path | None = None,
        fingerprints: bool = False,
    ) -> None:
        self._examples: dict[str, Example] = {}
        for example in examples:
            if example.id in self._examples:
                raise ValueError(f"two examples have the id {example.id!r}; ids must be unique")
            self._examples[example.id] = example
        self._owned = sandbox is None
        self._sandbox = sandbox or Sandbox(workers, limits or DEFAULT, cache)
        self._sandbox.allow({example.database for example in self._examples.values()})
        self._limits, self._comparison = limits, comparison
        self._fingerprints = fingerprints
        self._twins = TwinJudge(self._sandbox, comparison) if twins else None
        self._known: OrderedDict[tuple[str, str], Judged] = OrderedDict()

    @property
    def confinement(self) -> dict[str, str]:
        """Layers of the operating system's confinement -> "on", or why one is missing; empty before anything ran."""
        return self._sandbox.confinement

    def play(self, example_id: str, completion: str) -> Rollout:
        """Find the SQL, run it once beside the gold, compare. Raises `KeyError` for an id that is not there."""
        return self.play_batch([(example_id, completion)])[0]

    def play_batch(self, completions: Sequence[tuple[str, str]]) -> list[Rollout]:
        """`play` for many (example id, completion) at once, in their order: one job a gold, over all workers."""
        asked = [(example_id, find_sql(text)) for example_id, text in completions]
        judged = {key: self._known[key] for key in asked if key in self._known}
        groups: dict[str, dict[str, None]] = {}
        for example_id, sql in asked:
            if (example_id, sql) not in judged:
                groups.setdefault(example_id, {})[sql] = None
        judged |= self._judged({example_id: list(sqls) for example_id, sqls in groups.items()})
        rollouts: list[Rollout] = []
        for (example_id, text), key in zip(completions, asked, strict=True):
            answer = judged[key]
            self._remember(key, answer)
            rollouts.append(
                Rollout(self._examples[example_id], text, answer.sql, answer.gate, answer.execution, answer.verdict)
            )
        return rollouts

    def admit(self) -> Admission:
        """Play every gold as an answer to its own question, and keep the examples where one is found right.

        Of several golds of one question those stay that can be graded. What was found is kept in the sandbox's cache:
        the next run need not execute a gold again.
        """
        examples = list(self._examples.values())
        pairs = [(example, gold) for example in examples for gold in (example.gold_sql, *example.other_golds)]
        jobs = [self._job(example, gold, [gold]) for example, gold in pairs]
        keys = [f"admission {self._comparison} {self._sandbox.key(job)}" for job in jobs]
        found = {key: Finding.of(kept) for key, kept in self._sandbox.golds.find(keys).items()}
        new = [i for i, key in enumerate(keys) if key not in found]
        answers = self._sandbox.judge([jobs[i] for i in new])
        for i, (answer,) in zip(new, answers, strict=True):
            found[keys[i]] = finding(pairs[i][0], pairs[i][1], self._counted(answer))
        self._sandbox.golds.keep({keys[i]: found[keys[i]].kept() for i in new if found[keys[i]].lasting})
        good: dict[str, list[str]] = {}
        first: dict[str, Finding] = {}
        for (example, gold), key in zip(pairs, keys, strict=True):
            if not found[key].reason:
                good.setdefault(example.id, []).append(gold)
            if example.id not in first or (first[example.id].reason and not found[key].reason):
                first[example.id] = found[key]
        for name, golds in good.items():
            self._examples[name] = replace(self._examples[name], gold_sql=golds[0], other_golds=tuple(golds[1:]))
        return Admission.of(list(self._examples.values()), [first[name] for name in self._examples])

    def use(self, examples: Iterable[Example]) -> None:
        """Take these for the examples of their ids: what `admit` found in another process."""
        self._examples |= {example.id: example for example in examples}

    def schema_of(self, database: Database) -> str:
        """The database as the policy reads it, one table a line. Raises `ValueError` when there is no such database."""
        return self._sandbox.schema_of(database)

    def forget(self) -> None:
        """Judge anew what is asked next, as an environment does that has judged nothing yet.

        The message and the sample of a query may be those of another of like style that was judged with it, so what was
        judged before shows in them, never in a verdict. A run that must be the same when it is resumed forgets before
        each batch.
        """
        self._known.clear()

    def close(self) -> None:
        """End the sandbox, if it is this environment's own."""
        if self._owned:
            self._sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _judged(self, groups: dict[str, list[str]]) -> dict[tuple[str, str], Judged]:
        """Every SQL of every example beside all golds of it; the one that serves it best counts."""
        jobs: list[Job] = []
        owners: list[str] = []
        for example_id, sqls in groups.items():
            example = self._examples[example_id]
            for gold in (example.gold_sql, *example.other_golds):
                jobs.append(self._job(example, gold, sqls))
                owners.append(example_id)
        answered = [[self._counted(answer) for answer in answers] for answers in self._sandbox.judge(jobs)]
        if self._twins is not None:
            answered = self._twins.judge(jobs, answered)
        found: dict[tuple[str, str], Judged] = {}
        for owner, answers in zip(owners, answered, strict=True):
            for answer in answers:
                key = owner, answer.sql
                if key not in found or _merit(answer.verdict) > _merit(found[key].verdict):
                    found[key] = answer
        return found

    def _counted(self, answer: Judged) -> Judged:
        if self._comparison == "strict":
            return answer
        return replace(answer, verdict=replace(answer.verdict, mode=self._comparison))

    def _job(self, example: Example, gold: str, sqls: Sequence[str]) -> Job:
        return Job(example.database, gold, example.dialect, sqls, self._limits, self._fingerprints)

    def _remember(self, key: tuple[str, str], answer: Judged) -> None:
        if answer.execution.status is Status.CRASH:  # worth another try
            return
        self._known[key] = answer
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _merit(verdict: Verdict) -> tuple[bool, bool, bool, float]:
    """What makes one gold's verdict better than another's: that there is one, proven, right, or at least near."""
    return verdict.correct is not None, bool(verdict.proven), bool(verdict.correct), verdict.overlap or 0.0
