"""Whether the model answers, asked at most every few seconds however often somebody wants to know."""

import asyncio
import threading
import time
from collections.abc import Callable

from policy.config_error import ConfigError

FRESH = 2.0
"""Seconds for which what was found is believed."""
LONGEST = 5.0
"""Seconds that a model may take to say that it is there."""


class Readiness:
    """`expect` raises ConfigError where the model is not there."""

    def __init__(self, expect: Callable[[], None]) -> None:
        self._expect, self._lock = expect, asyncio.Lock()
        self._found, self._when = False, float("-inf")
        self._asking = threading.Lock()

    async def __call__(self) -> bool:
        async with self._lock:
            if time.monotonic() - self._when > FRESH:
                self._found, self._when = await self._ask(), time.monotonic()
            return self._found

    async def _ask(self) -> bool:
        """False at once while the question before has not been answered: it holds a thread, of which there are few."""
        if self._asking.locked():
            return False
        try:
            await asyncio.wait_for(asyncio.to_thread(self._one), LONGEST)
        except (ConfigError, TimeoutError):
            return False
        return True

    def _one(self) -> None:
        with self._asking:
            self._expect()
