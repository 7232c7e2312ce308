"""A pool for several callers at once: their tasks run side by side and take turns, whoever came first."""

import atexit
import os
import select
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest

from envs.sandbox.pool import Pool
from envs.sandbox.task import Task

CLOSED = "this sandbox is closed"


class _Errand:
    """The tasks of one caller, who waits until all of them are finished or none can be."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.left = list(reversed(tasks))
        self._ended = threading.Event()
        self._error: BaseException | None = None

    def over(self) -> bool:
        """Whether every task is finished; then its caller goes on."""
        while self.left and self.left[-1].finished:
            self.left.pop()
        if not self.left:
            self._ended.set()
        return not self.left

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._ended.set()

    def wait(self) -> None:
        self._ended.wait()
        if self._error is not None:
            raise self._error


class SideBySide:
    """A `Pool` that a thread of its own runs, so that no caller waits for the last task of another.

    `fileno` and `let_in` are for the pool: a descriptor that can be read when somebody has come, and the way in.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._arrived: list[_Errand] = []
        self._open: list[_Errand] = []
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._owner = os.getpid()
        atexit.register(self.close)

    @property
    def readable(self) -> dict[str, str]:
        return self._pool.readable

    @property
    def confinement(self) -> dict[str, str]:
        return self._pool.confinement

    @property
    def executors(self) -> list[int]:
        return self._pool.executors

    @property
    def pids(self) -> list[int]:
        return self._pool.pids

    def run(self, tasks: Sequence[Task]) -> None:
        """Bring every task to its end, beside those of other threads. Raises what `Pool.run` raises."""
        if os.getpid() != self._owner:
            raise RuntimeError("a fork of the process that shares its sandbox has no part in it: start it anew instead")
        errand = _Errand([task for task in tasks if not task.finished])
        self.readable.update({task.path: task.stamp for task in errand.left if task.path and task.stamp})
        with self._lock:
            if self._closed:
                raise ValueError(CLOSED)
            self._arrived.append(errand)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sandbox", daemon=True)
                self._thread.start()
        self._ring()
        errand.wait()

    def close(self) -> None:
        """End all processes; who still waits for an answer gets a `ValueError`. Closing twice is harmless."""
        with self._lock:
            if self._closed or os.getpid() != self._owner:
                return
            self._closed = True
        self._ring()
        if self._thread is not None:
            self._thread.join()
        self._pool.close()
        atexit.unregister(self.close)

    def fileno(self) -> int:
        return self._bell.fileno()

    def let_in(self, waiting: deque[Task]) -> None:
        """Let go who is done, and put the newcomers' tasks among those that wait: one of each caller in turn."""
        with suppress(BlockingIOError):
            self._bell.recv(1 << 10)
        with self._lock:
            if self._closed:
                raise ValueError(CLOSED)
            arrived, self._arrived = self._arrived, []
        self._open = [errand for errand in (*self._open, *arrived) if not errand.over()]
        if not arrived:
            return
        still = set(waiting)
        lines = [
            [task for task in reversed(errand.left) if errand in arrived or task in still] for errand in self._open
        ]
        waiting.clear()
        waiting.extend(task for turn in zip_longest(*lines) for task in turn if task is not None)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # it rings already
            self._button.send(b"!")

    def _work(self) -> None:
        """The thread: run the pool whenever somebody has come, until it is closed."""
        while True:
            waiting: deque[Task] = deque()
            try:
                self.let_in(waiting)
                self._pool.run(waiting, self)
                self._open = [errand for errand in self._open if not errand.over()]
            except BaseException as error:  # whatever it is, nobody may wait for ever
                self._fail(error)
                if self._closed:
                    return
            select.select([self._bell], [], [])

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            failed, self._open, self._arrived = [*self._open, *self._arrived], [], []
        for errand in failed:
            errand.fail(error)
