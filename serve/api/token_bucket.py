"""How many requests one client may send: a bucket of tokens that fills by the minute, one for each request.

The algorithm of RFC 2697's committed rate, as most gateways have it.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000
"""Clients that are remembered; the one that was longest silent is forgotten first, and its bucket is full again."""


class TokenBuckets:
    """`per_minute` tokens come in a minute, and `burst` are held at most; 0 a minute is no limit."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_minute / 60, burst, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, tokens: int = 1, paid: int = 0) -> int:
        """0, or the seconds after which there will be so many. Of what the request has `paid` already no full bucket is
        asked again; what is more than one holds becomes a debt."""
        if not self._rate:
            return 0
        now = self._clock()
        held, then = self._held.pop(client, (float(self._burst), now))
        held = min(self._burst, held + (now - then) * self._rate)
        needed = min(tokens, self._burst - paid)
        enough = held >= needed
        self._held[client] = (held - tokens if enough else held, now)
        while len(self._held) > MOST:
            self._held.popitem(last=False)
        return 0 if enough else max(1, math.ceil((needed - held) / self._rate))
