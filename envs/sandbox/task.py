"""One job on its way through the pool: what is asked, what has been answered, and what to make of a lost executor."""

import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Self

from envs.example import Database
from envs.execution import Execution, Limits, Status
from envs.gate import CHARACTERS
from envs.lexical import unstyled
from envs.sandbox.file_stamp import file_stamp
from envs.sandbox.golds import digest, rules
from envs.sandbox.job import Job, Judged
from envs.sandbox.wire import Message, execution_in, verdict_in
from envs.verdict import Verdict

GOLD = -1
CRASHES = 2
"""How often a statement may bring its executor down before it is given up ..."""
KILLS = 10
"""... and how often somebody else may kill the executor that runs it (`kill -9`, the kernel when memory is short)."""


class Task:
    """What is sent are the candidates that differ in more than style (`lexical.unstyled`). `path` and `stamp` tell the
    database file and its present content apart.
    """

    def __init__(self, op: str, database: Database, limits: Limits, gold: str, dialect: str, asked: Iterable[str]):
        self.path, self.stamp = file_stamp(database.path)
        self.database = database
        self._place: dict[str, int] = {}
        styles: dict[str, int] = {}
        self._sqls: list[str] = []
        for sql in dict.fromkeys(asked):
            style = unstyled(sql, database.engine) if len(sql) <= CHARACTERS else sql
            i = self._place[sql] = styles.setdefault(style, len(styles))
            if i == len(self._sqls):
                self._sqls.append(sql[: CHARACTERS + 1])  # of a longer one no more needs to be known
        self._request: Message = {
            "op": op,
            "database": [database.engine, self.path, database.script],
            "stamp": self.stamp,
            "gold": gold,
            "dialect": dialect,
            "seconds": limits.seconds,
            "rows": limits.rows,
            "steps": limits.steps,
        }
        self._memory = limits.memory
        self._answers: dict[int, Judged] = {}
        self._crashed: Counter[int] = Counter()
        self._killed: Counter[int] = Counter()
        self._told: Any = None
        self._ungradable, self._writes = "", False
        self._ruled = False
        self._late: list[int] = []
        self.fingerprints = False
        self.ruler: Message | None = None
        self.made: Message | None = None

    @classmethod
    def judge(cls, jobs: Sequence[Job], limits: Limits) -> Self:
        """One task for jobs that differ in their candidates only."""
        job = jobs[0]
        task = cls("judge", job.database, limits, job.gold_sql, job.dialect, (sql for job in jobs for sql in job.sqls))
        task.fingerprints = any(job.fingerprints for job in jobs)
        return task

    @classmethod
    def schema(cls, database: Database, limits: Limits) -> Self:
        return cls("schema", database, limits, "", "", ())

    @classmethod
    def other(cls, op: str, job: Job, limits: Limits, **more: object) -> Self:
        """What is no judging of a job's candidates, and what else it needs to know."""
        task = cls(op, job.database, limits, job.gold_sql, job.dialect, ())
        task._request |= more
        return task

    @property
    def key(self) -> str:
        """The name of its ruler on disk: of all that the gold's answer depends on."""
        return digest(rules(), self._request, self._memory)

    def look_again(self) -> None:
        """See whether the file is another now."""
        _, self.stamp = file_stamp(self.path)
        self._request["stamp"] = self.stamp

    @property
    def lost(self) -> str:
        """Why it was given up, after it cost one process after another; "" where it was not."""
        return self._ungradable if isinstance(self._told, ValueError) else ""

    @property
    def finished(self) -> bool:
        if self._request["op"] != "judge":
            return self._told is not None
        return len(self._answers) == len(self._sqls)

    def request(self) -> Message:
        """What to send: all that has no answer yet."""
        done = self._answers.keys() | set(self._late)
        left = [[i, sql] for i, sql in enumerate(self._sqls) if i not in done]
        how = {"ungradable": self._ungradable, "ruler": self.ruler, "fingerprints": self.fingerprints}
        return self._request | {"sqls": left} | how

    def take(self, message: Message) -> None:
        """What an executor says. Raises `RuntimeError` when it is a fault of the lab, `KeyError` ... on nonsense."""
        if "failure" in message:
            raise RuntimeError(f"the sandbox failed; this is a fault of the lab:\n{message['failure']}")
        if "told" in message:
            self._told = message["told"]
        elif "no_database" in message:
            self._told = ValueError(str(message["no_database"]))
        for event in message.get("events", ()):
            self._event(event)

    def _event(self, event: Sequence[Any]) -> None:
        if event[0] == "ruler":
            _, self._ungradable, self._writes, made = event
            self.made = made or self.made
            self._ruled = True
            for step in self._late:
                self.late(step)
        elif len(event) == 3:
            i, seconds, like = int(event[0]), event[1] / 1e6, int(event[2])
            first = self._answers[like]
            e = first.execution
            execution = replace(e, seconds=seconds)
            self._answers[i] = Judged(self._sqls[i], first.gate, execution, first.verdict)
        else:
            i, (gate, execution, verdict) = int(event[0]), event[1:]
            self._answers[i] = Judged(self._sqls[i], gate, execution_in(execution), verdict_in(verdict))

    def late(self, step: int) -> None:
        """The executor was killed: `step` did not end at its deadline."""
        step = self._known(step)
        if step == GOLD:
            self._ungradable = "the gold does not finish"
            self._count(self._crashed, step)
        elif self._ruled:
            self._answer(step, Execution(Status.TIMEOUT, message="did not end at its deadline and was killed"), False)
        else:  # what it is worth depends on the gold, of which nothing was heard yet
            self._late.append(step)

    def died(self, step: int, ended_by: int) -> None:
        """The executor died by itself in `step`, or somebody else killed it."""
        self._count(self._killed if ended_by == signal.SIGKILL else self._crashed, self._known(step))

    def _known(self, step: int) -> int:
        """`step`, where it is one: an executor may have been taken over by the SQL it ran."""
        return step if 0 <= step < len(self._sqls) else GOLD

    def judged(self) -> dict[str, Judged]:
        """Each distinct SQL's answer: those that differ in style only share one."""
        return {
            sql: answer if (answer := self._answers[i]).sql == sql else replace(answer, sql=sql)
            for sql, i in self._place.items()
        }

    def told(self) -> Any:
        """The answer to what is no judging. Raises `ValueError` with the reason why there is none."""
        if isinstance(self._told, ValueError):
            raise self._told
        return self._told

    def _count(self, losses: Counter[int], step: int) -> None:
        losses[step] += 1
        if losses[step] < (KILLS if losses is self._killed else CRASHES):
            return
        if step == GOLD:
            self._give_up("the database does not open or the gold does not finish: it cost one process after another")
        elif step not in self._answers:
            self._answer(step, Execution(Status.CRASH, message="the process that ran it died, again and again"), None)

    def _answer(self, i: int, execution: Execution, right: bool | None) -> None:
        if self._ungradable:
            verdict = Verdict(None, ungradable=self._ungradable)
        elif self._writes:
            verdict = Verdict(None, state=right)
        else:
            verdict = Verdict(right, spider=right, bird=right, lenient=right, overlap=None if right is None else 0.0)
        verdict = replace(verdict, reason=f"does not run: {execution.status}")
        if self.fingerprints and right is False:
            verdict = replace(verdict, soft_f1=None if self._writes else 0.0, as_lists=False)
        self._answers[i] = Judged(self._sqls[i], "", execution, verdict)

    def _give_up(self, why: str) -> None:
        self._ungradable = why
        self._told = ValueError(why)
        for i in range(len(self._sqls)):
            if i not in self._answers:
                self._answer(i, Execution(Status.NO_DATABASE, message=why), None)
