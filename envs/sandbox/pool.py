"""The sandbox as the rest of the lab sees it: jobs in, judgements out, by worker processes that may hang or die.

A statement that is not done at its deadline (the engine's own, plus a grace) is killed with its worker: `timeout`. A
worker that dies by itself is replaced and the statement tried once more, then it is a `crash`, unscored.
"""

import os
import selectors
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Self

from envs.example import Database
from envs.execution import Limits
from envs.sandbox.process import Gone, WorkerProcess
from envs.sandbox.task import Job, Judged, Task

DEFAULT = Limits()
GRACE = 0.25
"""Seconds between a statement's own deadline and the kill."""
STARTS = 3
"""Workers in a row that may die before they are ready."""


class Sandbox:
    """A pool of worker processes, started when there is work for them. Threads may share it; they take turns."""

    def __init__(self, workers: int = 2, limits: Limits = DEFAULT) -> None:
        if workers < 1:
            raise ValueError(f"a sandbox needs at least one worker, not {workers}")
        self._size, self._limits = workers, limits
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._busy: dict[WorkerProcess, Task | None] = {}  # None while it starts
        self._selector = selectors.DefaultSelector()
        self._failed_starts = 0
        self._owner = os.getpid()
        self._end = weakref.finalize(self, _end, self._idle, self._busy, self._owner)

    def judge(self, jobs: Sequence[Job]) -> list[list[Judged]]:
        """Every SQL of every job judged, in the order given. Raises `RuntimeError` when the sandbox is broken."""
        tasks = [Task.judge(job, job.limits or self._limits) for job in jobs]
        self._run(tasks)
        return [task.judged() for task in tasks]

    def schema_of(self, database: Database) -> str:
        """The database as the policy reads it, one table a line. Raises `ValueError` when there is no such database."""
        task = Task.schema(database, self._limits)
        self._run([task])
        return task.schema_text()

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers alive now."""
        return [worker.pid for worker in [*self._idle, *self._busy]]

    def close(self) -> None:
        """End all workers. Closing twice is harmless; using a closed sandbox is a `ValueError`."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, tasks: Sequence[Task]) -> None:
        if os.getpid() != self._owner:  # a fork of the process that started the workers: they are not ours
            self._end.detach()
            self._reset()
        with self._lock:
            if not self._end.alive:
                raise ValueError("this sandbox is closed")
            waiting = deque(task for task in tasks if not task.finished)
            try:
                while waiting or any(self._busy.values()):
                    self._assign(waiting)
                    soonest = min(worker.deadline for worker in self._busy)
                    for key, _ in self._selector.select(max(0.0, soonest - monotonic())):
                        worker = key.fileobj
                        assert isinstance(worker, WorkerProcess)
                        self._listen(worker, waiting)
                    for worker in [worker for worker in self._busy if worker.deadline <= monotonic()]:
                        self._lost(worker, waiting, killed=True)
            except BaseException:  # Ctrl-C too: what was running is not worth finishing
                for worker in list(self._busy):
                    self._drop(worker)
                raise

    def _assign(self, waiting: deque[Task]) -> None:
        while waiting and self._idle:
            worker, task = self._idle.pop(), waiting.popleft()
            self._busy[worker] = task
            worker.deadline = monotonic() + 60.0  # until it announces its first step
            try:
                worker.send(task.request())
            except Gone:  # it died idle: no fault of the task
                self._drop(worker)
                waiting.appendleft(task)
        starting = sum(task is None for task in self._busy.values())
        while starting < len(waiting) and len(self._busy) + len(self._idle) < self._size:
            worker = WorkerProcess(self._limits.memory)
            self._selector.register(worker, selectors.EVENT_READ)
            self._busy[worker] = None
            starting += 1

    def _listen(self, worker: WorkerProcess, waiting: deque[Task]) -> None:
        if worker in self._idle:
            self._drop(worker)
            return
        if worker not in self._busy:
            return
        task = self._busy[worker]
        try:
            for message in worker.hear():
                if "ready" in message:
                    self._failed_starts = 0
                    del self._busy[worker]
                    self._idle.append(worker)
                elif task is None:
                    raise Gone
                elif "step" in message:
                    worker.deadline = monotonic() + message["seconds"] + GRACE
                    task.step = message["step"]
                elif "done" in message:
                    if not task.finished:
                        raise Gone
                    if message["retire"]:
                        self._drop(worker)
                    else:
                        del self._busy[worker]
                        self._idle.append(worker)
                else:
                    task.take(message)
        except (Gone, KeyError, TypeError, ValueError):  # dead, or not speaking the protocol
            self._lost(worker, waiting, killed=False)

    def _lost(self, worker: WorkerProcess, waiting: deque[Task], killed: bool) -> None:
        task = self._busy[worker]
        self._drop(worker)
        if task is None:
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise RuntimeError(f"{STARTS} sandbox workers in a row did not start; their errors are above")
            return
        task.lost(killed)
        if not task.finished:
            waiting.appendleft(task)

    def _drop(self, worker: WorkerProcess) -> None:
        self._busy.pop(worker, None)
        if worker in self._idle:
            self._idle.remove(worker)
        self._selector.unregister(worker)
        worker.kill()


def _end(idle: list[WorkerProcess], busy: dict[WorkerProcess, Task | None], owner: int) -> None:
    if os.getpid() == owner:
        for worker in [*idle, *busy]:
            worker.kill()
