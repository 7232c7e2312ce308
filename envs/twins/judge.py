"""Right answers once more, on the twins of their database: does the equality hold where the rows are others?"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from envs import spider
from envs.example import Database
from envs.sandbox import Job, Judged, Sandbox
from envs.twins.records import Twin
from envs.verdict import Mode, Verdict

REMEMBERED = 4_096
"""Golds whose twins are held in memory."""


class TwinJudge:
    """Makes the twins of a gold when a right answer to it first comes by, and keeps them."""

    def __init__(self, sandbox: Sandbox, mode: Mode) -> None:
        self._sandbox = sandbox
        self._mode: Mode = mode
        self._known: OrderedDict[tuple[Database, str, str], list[Twin]] = OrderedDict()

    def judge(self, jobs: Sequence[Job], answered: Sequence[Sequence[Judged]]) -> list[list[Judged]]:
        """The same answers, with `Verdict.twins` set on those that are right and can be tried."""
        right = [[a.sql for a in answers if _worth_trying(a.verdict)] for answers in answered]
        chosen = self._twins([job for job, sqls in zip(jobs, right, strict=True) if sqls])
        trials: list[Job] = []
        owners: list[int] = []
        for i, (job, sqls) in enumerate(zip(jobs, right, strict=True)):
            for twin in chosen.get(_key(job), ()) if sqls else ():
                if twin.ordered or self._mode != "spider" or not spider.order_matters(job.gold_sql):
                    database = Database(job.database.engine, script=twin.script)
                    trials.append(replace(job, database=database, sqls=sqls, fingerprints=False))
                    owners.append(i)
        agree: dict[tuple[int, str], bool] = {}
        for i, answers in zip(owners, self._sandbox.judge(trials), strict=True):
            for answer in answers:
                if not answer.verdict.ungradable:  # what brings its process down on a twin does not agree with the gold
                    same = answer.verdict.named(self._mode) is True
                    agree[i, answer.sql] = agree.get((i, answer.sql), True) and same
        return [[_told(a, agree.get((i, a.sql))) for a in answers] for i, answers in enumerate(answered)]

    def _twins(self, jobs: Sequence[Job]) -> dict[tuple[Database, str, str], list[Twin]]:
        wanted = {_key(job): job for job in jobs}
        found = {key: self._known[key] for key in wanted if key in self._known}
        new = [key for key in wanted if key not in found]
        for key, twins in zip(new, self._sandbox.twins([wanted[key] for key in new]), strict=True):
            found[key] = twins
        for key, twins in found.items():
            self._known[key] = twins
            self._known.move_to_end(key)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found


def _worth_trying(verdict: Verdict) -> bool:
    return bool(verdict.correct) and verdict.state is None and not verdict.constant


def _told(answer: Judged, twins: bool | None) -> Judged:
    if twins is None:
        return answer
    reason = answer.verdict.reason if twins else "right here, but not on a twin of the database"
    return replace(answer, verdict=replace(answer.verdict, twins=twins, reason=reason))


def _key(job: Job) -> tuple[Database, str, str]:
    return job.database, job.gold_sql, job.dialect
