"""Who is answered now and who waits: so many at once, so many in line, nobody longer than said."""

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from serve.api.failure import Failure

T = TypeVar("T")


class Line:
    """`at_once` pieces of work run, each in a thread of its own; `most_waiting` wait, each `longest_wait` seconds at
    most. Work has `seconds`; what takes longer keeps its thread until it ends, as nobody can end it."""

    def __init__(self, at_once: int, most_waiting: int, longest_wait: float, seconds: float) -> None:
        self.at_once, self.working, self.waiting = at_once, 0, 0
        self._most, self._longest, self._seconds = most_waiting, longest_wait, seconds
        self._places = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, "answer")

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns. Raises what it raises, or Failure where it gets no turn or does not end in time."""
        await self._turn()
        loop = asyncio.get_running_loop()
        self.working += 1
        try:
            future = self._threads.submit(work)
        except BaseException:
            self._leave()
            raise
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        waited = asyncio.wrap_future(future)
        done, _ = await asyncio.wait({waited}, timeout=self._seconds)
        if not done:
            waited.add_done_callback(_unheard)
            told = f"no answer came within {self._seconds:g} seconds; ask for less, or again later"
            raise Failure(504, "timeout", told, self._soon())
        return waited.result()

    def close(self) -> None:
        """Wait for what runs."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _turn(self) -> None:
        if self._places.locked() and self.waiting >= self._most:
            told = f"{self.waiting} questions are waiting already, and no more may; ask again later"
            raise Failure(503, "busy", told, self._soon())
        self.waiting += 1
        try:
            async with asyncio.timeout(self._longest):
                await self._places.acquire()
        except TimeoutError:
            told = f"the question waited {self._longest:g} seconds for its turn and got none; ask again later"
            raise Failure(503, "busy", told, self._soon()) from None
        finally:
            self.waiting -= 1

    def _leave(self) -> None:
        self.working -= 1
        self._places.release()

    def _soon(self) -> int:
        return max(1, math.ceil(self.waiting / self.at_once))


def _unheard(future: "asyncio.Future[object] | Future[object]") -> None:
    with suppress(asyncio.CancelledError):
        future.exception()
