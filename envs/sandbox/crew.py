"""The executors that are alive and the zygote that forks them: started, listened to, dropped, ended."""

import os
import selectors
import weakref
from collections.abc import Mapping
from time import monotonic

from envs.sandbox.executor_handle import Executor
from envs.sandbox.zygote_handle import Gone, Zygote

STARTS = 20
START_SECONDS = 60.0
"""So many processes in a row may die before one is ready, or more in less time: somebody may be killing them."""


class Crew:
    """Of one process: in a fork of it they are somebody else's (`ours`). `selector` watches every executor."""

    def __init__(self) -> None:
        self.executors: list[Executor] = []
        self.selector = selectors.DefaultSelector()
        self._zygotes: list[Zygote] = []
        self._failed_starts, self._failing_since = 0, 0.0
        self._owner = os.getpid()
        self.end = weakref.finalize(self, _end, self._zygotes, self.executors, self._owner)
        """Call it to end all processes; twice is harmless. `alive` until then."""

    @property
    def ours(self) -> bool:
        return os.getpid() == self._owner

    @property
    def pids(self) -> list[int]:
        """The process ids of all that runs now: executors first, then the zygote that forks them."""
        return [executor.pid for executor in self.executors] + [zygote.pid for zygote in self._zygotes]

    def start(self, readable: Mapping[str, str], memory: int) -> None:
        """One executor more (`Executor` says what of). Raises `RuntimeError` when none can be started."""
        while True:
            try:
                if not self._zygotes:
                    self._zygotes.append(Zygote())
                executor = Executor(self._zygotes[-1], readable, memory)
                break
            except Gone:
                zygote = self._zygotes.pop()
                failed = zygote.failed
                zygote.close()
                if failed:
                    raise RuntimeError("the sandbox does not start; why stands above") from None
                self.not_started()
        self.selector.register(executor, selectors.EVENT_READ)
        self.executors.append(executor)

    def started(self) -> None:
        """One is ready, so no more are failing in a row."""
        self._failed_starts = 0

    def not_started(self) -> None:
        """One died before it was ready. Raises `RuntimeError` where too many did."""
        if self._failed_starts == 0:
            self._failing_since = monotonic()
        self._failed_starts += 1
        if self._failed_starts >= STARTS and monotonic() - self._failing_since > START_SECONDS:
            raise RuntimeError(f"{STARTS} sandbox processes in a row did not start; their errors are above")

    def drop(self, executor: Executor) -> None:
        """Kill it, whatever it does."""
        self.forget(executor)
        executor.kill()

    def forget(self, executor: Executor) -> None:
        """It has died, or is about to."""
        self.executors.remove(executor)
        self.selector.unregister(executor)

    def drop_all(self) -> None:
        """Kill every process; new ones can be started after."""
        for executor in list(self.executors):
            self.drop(executor)
        while self._zygotes:
            self._zygotes.pop().close()


def _end(zygotes: list[Zygote], executors: list[Executor], owner: int) -> None:
    if os.getpid() == owner:
        for executor in executors:
            executor.kill()
        for zygote in zygotes:
            zygote.close()
