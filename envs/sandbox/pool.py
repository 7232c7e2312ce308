"""Executors and the tasks they are at: who works at what, who is late, who died, and what becomes of it.

A statement that is not done at its deadline (the engine's own, plus a grace) is killed with its executor: `timeout`. An
executor that dies by itself is replaced and the statement tried once more, then it is a `crash`, unscored.
"""

import selectors
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from time import monotonic
from typing import Protocol

from envs.execution import Limits
from envs.sandbox.crew import Crew
from envs.sandbox.executor_handle import Executor
from envs.sandbox.task import GOLD, Task
from envs.sandbox.wire import Message
from envs.sandbox.zygote_handle import Gone

GRACE = 0.2
"""Seconds between a statement's own deadline and the kill."""
FIRST_SECONDS = 60.0
"""What an executor may take until it says what it does."""
AT_ONCE = 16
"""Tasks that an executor gets at a time, where so many wait that all executors have enough."""
AHEAD = 64
"""How far down the queue an executor looks for a task on the database it has open."""


class Door(Protocol):
    """Where tasks come in while others run; the descriptor can be read when some have come."""

    def fileno(self) -> int: ...

    def let_in(self, waiting: deque[Task]) -> None: ...


class Pool:
    """At most `size` executors, started when there is work for them. Threads may share it; they take turns."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._size, self._limits = size, limits
        self.readable: dict[str, str] = {}
        """Path -> stamp (`Task.stamp`) of the database files that executors may read from their start."""
        self.confinement: dict[str, str] = {}
        self._lock, self._crew = threading.Lock(), Crew()

    @property
    def executors(self) -> list[int]:
        """The process ids of the executors alive now."""
        return [executor.pid for executor in self._crew.executors]

    @property
    def pids(self) -> list[int]:
        """The process ids of all that runs now: executors first, then the zygote that forks them."""
        return self._crew.pids

    def close(self) -> None:
        """End all processes. Closing twice is harmless; using a closed pool is a `ValueError`."""
        self._crew.end()

    def run(self, tasks: Sequence[Task], door: Door | None = None) -> None:
        """Bring every task to its end, and those that come in by the door meanwhile. Raises `RuntimeError` when the
        sandbox is broken, `ValueError` when it is closed.
        """
        if not self._crew.ours:  # this is a fork of the process that started them
            self._crew.end.detach()
            self._lock, self._crew = threading.Lock(), Crew()
        with self._lock:
            if not self._crew.end.alive:
                raise ValueError("this sandbox is closed")
            waiting = deque(task for task in tasks if not task.finished)
            self.readable |= {task.path: task.stamp for task in waiting if task.path and task.stamp}
            if door is not None:
                self._crew.selector.register(door, selectors.EVENT_READ)
            try:
                while waiting or any(executor.tasks for executor in self._crew.executors):
                    if door is not None:
                        door.let_in(waiting)
                    self._assign(waiting)
                    busy = [executor for executor in self._crew.executors if executor.tasks or not executor.ready]
                    if not busy:
                        continue
                    soonest = min(executor.deadline for executor in busy)
                    for key, events in self._crew.selector.select(max(0.0, soonest - monotonic())):
                        executor = key.fileobj
                        if executor is door:
                            continue
                        assert isinstance(executor, Executor)
                        if events & selectors.EVENT_WRITE:
                            self._send(executor, waiting)
                        if events & selectors.EVENT_READ:
                            self._listen(executor, waiting)
                    for executor in busy:
                        if executor.deadline <= monotonic() and executor in self._crew.executors:
                            self._hurry(executor, waiting)
            except BaseException:  # Ctrl-C too: what was running is not worth finishing, and who knows where it was cut
                self._crew.drop_all()
                raise
            finally:
                if door is not None:
                    self._crew.selector.unregister(door)

    def _assign(self, waiting: deque[Task]) -> None:
        """Give out what waits: a task to each, and where plenty waits a few more to go on with."""
        for executor in [executor for executor in self._crew.executors if executor.ready]:
            if waiting and len(executor.tasks) < 2:
                self._give(executor, waiting)
        starting = sum(not executor.ready for executor in self._crew.executors)
        while starting < len(waiting) and len(self._crew.executors) < self._size:
            self._crew.start(dict(self.readable), self._limits.memory)
            starting += 1

    def _give(self, executor: Executor, waiting: deque[Task]) -> None:
        count = min(AT_ONCE, len(waiting) // (2 * self._size))
        given: list[Task] = []
        while waiting and len(given) < (count if executor.tasks else max(1, count)):
            task = _fitting(executor, waiting)
            if task.path and task.stamp not in executor.stamps:
                task.look_again()  # the file may have changed since
                if task.stamp:
                    self.readable[task.path] = task.stamp
                    if task.stamp not in executor.stamps:
                        waiting.appendleft(task)
                        break
            given.append(task)
            executor.last = task.database
        if not given:
            if not executor.tasks and waiting:  # it may not read that file: another will
                self._crew.drop(executor)
            return
        if not executor.tasks:
            executor.heartbeat.job = executor.done
            executor.heartbeat.beat(GOLD, FIRST_SECONDS)
            executor.deadline = monotonic() + self._limits.seconds
        executor.tasks += given
        self._send(executor, waiting, *(task.request() for task in given))

    def _send(self, executor: Executor, waiting: deque[Task], *messages: Message) -> None:
        """Send these and what was left, as far as it goes; the selector tells when it goes further."""
        if executor not in self._crew.executors:
            return
        try:
            executor.send(*messages)
        except Gone:
            self._died(executor, waiting)
            return
        also = selectors.EVENT_WRITE if executor.waiting_to_send else 0
        self._crew.selector.modify(executor, selectors.EVENT_READ | also)

    def _listen(self, executor: Executor, waiting: deque[Task]) -> None:
        if executor not in self._crew.executors:
            return
        try:
            for message in executor.hear():
                if "ready" in message:
                    self._crew.started()
                    self.confinement = message["ready"]
                    executor.ready = True
                    continue
                task = executor.tasks[0]
                task.take(message)
                if "done" in message:
                    if not task.finished:
                        raise Gone
                    executor.tasks.popleft()
                    executor.done += 1
                    if message["done"] == "retire":
                        waiting.extendleft(reversed(executor.tasks))
                        self._crew.drop(executor)
                        return
        except (Gone, KeyError, TypeError, ValueError, IndexError):  # dead, or not speaking the protocol
            self._died(executor, waiting)

    def _hurry(self, executor: Executor, waiting: deque[Task]) -> None:
        """It is time to look what it does now, and to kill it if that is late."""
        self._listen(executor, waiting)  # what it did finish, it has said
        if executor not in self._crew.executors or (executor.ready and not executor.tasks):
            return
        if not executor.silent:  # there may be more: perhaps it is us who were away
            executor.deadline = monotonic() + GRACE / 4
            return
        job, step, deadline = executor.heartbeat.read()
        deadline = min(deadline, monotonic() + FIRST_SECONDS)
        if executor.ready and deadline + GRACE > monotonic():
            executor.deadline = deadline + GRACE
            return
        self._crew.drop(executor)
        if not executor.ready:
            self._crew.not_started()
            return
        self._running(executor, job).late(step)
        self._again(executor, waiting)

    def _died(self, executor: Executor, waiting: deque[Task]) -> None:
        job, step, _ = executor.heartbeat.read()
        self._crew.forget(executor)
        ended_by = executor.ended()
        if not executor.ready:
            self._crew.not_started()
        elif executor.tasks:
            self._running(executor, job).died(step, ended_by)
            self._again(executor, waiting)

    def _running(self, executor: Executor, job: int) -> Task:
        """The task it was at: not always its first, as what it had done may have waited to be said."""
        return executor.tasks[min(max(job - executor.done, 0), len(executor.tasks) - 1)]

    def _again(self, executor: Executor, waiting: deque[Task]) -> None:
        waiting.extendleft(task for task in reversed(executor.tasks) if not task.finished)


def _fitting(executor: Executor, waiting: deque[Task]) -> Task:
    """The next task, of those near the head of the queue one on the database that the executor has open."""
    for i, task in enumerate(islice(waiting, AHEAD)):
        if task.database == executor.last:
            del waiting[i]
            return task
    return waiting.popleft()
