"""The sandbox as the rest of the lab sees it: jobs in, judgements out, by confined processes that may hang or die."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from envs.example import Database
from envs.execution import Limits, Status
from envs.gate import CHARACTERS
from envs.sandbox.golds import Golds
from envs.sandbox.job import Job, Judged
from envs.sandbox.pool import Pool
from envs.sandbox.shared import Guest
from envs.sandbox.shown import Shown
from envs.sandbox.side_by_side import SideBySide
from envs.sandbox.task import Task
from envs.twins.records import Twin

DEFAULT = Limits()


class Sandbox:
    """A pool of `workers` executors, started when there is work for them. Threads may share it; they take turns.

    `cache` is the folder of golds that ran before, None for no such folder; see `envs.sandbox.golds`. `pool` is one
    that other processes use too (`envs.sandbox.shared`); `workers` is then its own affair.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits = DEFAULT,
        cache: Path | None = None,
        pool: SideBySide | Guest | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError(f"a sandbox needs at least one worker, not {workers}")
        self._limits = limits
        self._pool = pool or Pool(workers, limits)
        self.golds = Golds(cache)

    @property
    def confinement(self) -> dict[str, str]:
        """Layer of the operating system's confinement -> "on", or why it is missing; empty until an executor ran."""
        return self._pool.confinement

    def judge(self, jobs: Sequence[Job]) -> list[list[Judged]]:
        """Every SQL of every job judged, in the order given. Raises `RuntimeError` when the sandbox is broken."""
        alike: dict[tuple[Database, str, str, Limits], list[int]] = {}
        for i, job in enumerate(jobs):
            alike.setdefault((job.database, job.gold_sql, job.dialect, job.limits or self._limits), []).append(i)
        tasks = [Task.judge([jobs[i] for i in places], key[-1]) for key, places in alike.items()]
        kept = self.golds.find([task.key for task in tasks]) if self.golds else {}
        for task in tasks if kept else ():
            task.ruler = kept.get(task.key)
        self._pool.run(tasks)
        if self.golds:
            self.golds.keep({task.key: task.made for task in tasks if task.made and not task.ruler})
        judged: list[list[Judged]] = [[]] * len(jobs)
        for task, places in zip(tasks, alike.values(), strict=True):
            answers = task.judged()
            for i in places:
                judged[i] = [answers[sql] for sql in jobs[i].sqls]
        return judged

    def key(self, job: Job) -> str:
        """The name under which `golds` keeps what is known of the job's gold."""
        return Task.judge([job], job.limits or self._limits).key

    def schema_of(self, database: Database) -> str:
        """The database as the policy reads it, one table a line. Raises `ValueError` when there is no such database."""
        task = Task.schema(database, self._limits)
        self._pool.run([task])
        return str(task.told())

    def show(self, database: Database, sqls: Sequence[str], most: int, writes: bool = False) -> list[Shown]:
        """What each statement returns, with at most `most` rows; with `writes`, what one that writes does to a copy.
        Raises `ValueError` when there is no such database."""
        job, how = Job(database, "", database.engine, ()), {"most": most, "writes": writes}
        read = {sql: sql[: CHARACTERS + 1] for sql in sqls}  # of a longer one no more needs to be known
        tasks = {sql: Task.other("show", job, self._limits, sql=text, **how) for sql, text in read.items()}
        self._pool.run(list(tasks.values()))
        found = {sql: Shown.of(task.told()) for sql, task in tasks.items() if not task.lost}
        return [found.get(sql) or Shown(Status.CRASH, message=tasks[sql].lost) for sql in sqls]

    def twins(self, jobs: Sequence[Job]) -> list[list[Twin]]:
        """The twins chosen for each job's gold, kept in `golds`; none where the database or the gold allows none."""
        tasks = [Task.other("twins", job, job.limits or self._limits) for job in jobs]
        kept = self.golds.find([task.key for task in tasks]) if self.golds else {}
        new = [task for task in tasks if task.key not in kept]
        self._pool.run(new)
        for task in new:
            with suppress(ValueError):
                kept[task.key] = {"twins": task.told()}
        self.golds.keep({task.key: kept[task.key] for task in new if task.key in kept})
        return [[Twin(*twin) for twin in kept[task.key]["twins"]] if task.key in kept else [] for task in tasks]

    def allow(self, databases: Iterable[Database]) -> None:
        """Let executors read these files from their start; one that comes later costs a new process."""
        for task in (Task.schema(database, self._limits) for database in databases if database.path is not None):
            self._pool.readable[task.path or ""] = task.stamp

    @property
    def executors(self) -> list[int]:
        """The process ids of the executors alive now."""
        return self._pool.executors

    @property
    def pids(self) -> list[int]:
        """The process ids of all that runs now: executors first, then the zygote that forks them."""
        return self._pool.pids

    def times(self, job: Job, repeats: int) -> tuple[list[float], list[float]]:
        """Seconds that the first SQL of the job took and that its gold took, run in turns in one process that nobody
        else uses. Raises `ValueError` with the reason why there are none."""
        task = Task.other("times", job, job.limits or self._limits, answer=job.sqls[0], repeats=repeats)
        self._pool.run([task])
        answer, gold = task.told()
        return answer, gold

    def close(self) -> None:
        """End all processes. Closing twice is harmless; using a closed sandbox is a `ValueError`."""
        self._pool.close()
        self.golds.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
