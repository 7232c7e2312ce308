"""Whether the model answers, asked at most every few seconds however often somebody wants to know."""

import asyncio
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

    async def __call__(self) -> bool:
        async with self._lock:
            if time.monotonic() - self._when > FRESH:
                self._found, self._when = await self._ask(), time.monotonic()
            return self._found

    async def _ask(self) -> bool:
        try:
            await asyncio.wait_for(asyncio.to_thread(self._expect), LONGEST)
        except (ConfigError, TimeoutError):
            return False
        return True
