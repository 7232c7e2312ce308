"""One job on its way through the pool: what is asked, what has been answered, and what to make of a lost worker."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

from envs.example import Database
from envs.execution import Execution, Limits, Status
from envs.sandbox.wire import Message, execution_in, verdict_in
from envs.verdict import Verdict

GOLD = -1


@dataclass(frozen=True, slots=True)
class Job:
    """Candidates for one gold on one database; `limits` where they are not the sandbox's own (memory is always its)."""

    database: Database
    gold_sql: str
    dialect: str
    sqls: Sequence[str]
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate beside its gold. `gate` is why it may not run, "" when it may."""

    sql: str
    gate: str
    execution: Execution
    verdict: Verdict


class Task:
    """`sqls` are the distinct candidates; `step` is the one that runs now, by its place, or `GOLD`."""

    def __init__(self, request: Message, asked: Sequence[str]) -> None:
        self._request = request
        self._asked = asked
        self._sqls = list(dict.fromkeys(asked))
        self._answers: dict[int, Judged] = {}
        self._lost: Counter[int] = Counter()
        self._schema: str | ValueError | None = None
        self._ungradable, self._writes = "", False
        self.step = GOLD

    @classmethod
    def judge(cls, job: Job, limits: Limits) -> Self:
        request = {"op": "judge", "gold": job.gold_sql, "dialect": job.dialect} | _common(job.database, limits)
        return cls(request, job.sqls)

    @classmethod
    def schema(cls, database: Database, limits: Limits) -> Self:
        return cls({"op": "schema", "gold": "", "dialect": ""} | _common(database, limits), ())

    @property
    def finished(self) -> bool:
        if self._request["op"] == "schema":
            return self._schema is not None
        return len(self._answers) == len(self._sqls)

    def request(self) -> Message:
        """What to send: all that has no answer yet."""
        self.step = GOLD
        left = [[i, sql] for i, sql in enumerate(self._sqls) if i not in self._answers]
        return self._request | {"sqls": left, "ungradable": self._ungradable}

    def take(self, message: Message) -> None:
        """An event from the worker. Raises `RuntimeError` when it is a fault of the lab, `KeyError` ... on nonsense."""
        if "failure" in message:
            raise RuntimeError(f"the sandbox worker failed; this is a fault of the lab:\n{message['failure']}")
        if "schema" in message:
            self._schema = str(message["schema"])
        elif "no_database" in message and self._request["op"] == "schema":
            self._schema = ValueError(str(message["no_database"]))
        elif "ungradable" in message:
            self._ungradable, self._writes = message["ungradable"], message["writes"]
        else:
            i = int(message["i"])
            execution, verdict = execution_in(message["execution"]), verdict_in(message["verdict"])
            self._answers[i] = Judged(self._sqls[i], message["gate"], execution, verdict)

    def lost(self, killed: bool) -> None:
        """The worker is gone in the middle of `step`; `killed` by us at the deadline, or dead by itself."""
        step = self.step
        self._lost[step] += 1
        if step == GOLD:
            if self._lost[step] > 1:
                self._give_up("the database does not open or the gold does not finish: it cost two workers")
            elif killed:
                self._ungradable = "the gold does not finish"
        elif killed:
            self._answer(step, Execution(Status.TIMEOUT, message="did not end at its deadline and was killed"), False)
        elif self._lost[step] > 1:
            self._answer(step, Execution(Status.CRASH, message="the process that ran it died, twice"), None)

    def judged(self) -> list[Judged]:
        place = {sql: i for i, sql in enumerate(self._sqls)}
        return [self._answers[place[sql]] for sql in self._asked]

    def schema_text(self) -> str:
        if isinstance(self._schema, ValueError):
            raise self._schema
        return self._schema or ""

    def _answer(self, i: int, execution: Execution, right: bool | None) -> None:
        if self._ungradable:
            verdict = Verdict(None, ungradable=self._ungradable)
        else:
            verdict = Verdict(None, state=right) if self._writes else Verdict(right)
        verdict = replace(verdict, reason=f"does not run: {execution.status}")
        self._answers[i] = Judged(self._sqls[i], "", execution, verdict)

    def _give_up(self, why: str) -> None:
        self._ungradable = why
        self._schema = ValueError(why)
        for i in range(len(self._sqls)):
            if i not in self._answers:
                self._answer(i, Execution(Status.NO_DATABASE, message=why), None)


def _common(database: Database, limits: Limits) -> Message:
    path = None if database.path is None else os.path.abspath(database.path)
    return {"database": asdict(database) | {"path": path}, "seconds": limits.seconds, "rows": limits.rows}
