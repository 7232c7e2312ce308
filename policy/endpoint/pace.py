"""How fast an endpoint is asked: so many requests and tokens a minute, and no sooner than the server wants.

Limits hold over any minute, a restart included: every request is noted in a file before it is sent.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from policy.endpoint.budget import Budget
from policy.endpoint.server_limits import KINDS, Kind, Left
from policy.sample_lines import cut_torn_line

WINDOW = 61.0
"""Seconds in which a limit of a minute holds: one more for requests that take unlike long to arrive."""

_LINE = re.compile(r"(\d{1,12}\.\d{3}) (\d{1,12})")


@dataclass(slots=True)
class Sent:
    """One request: when (seconds, monotonic), and the tokens that it may cost, or did."""

    at: float
    tokens: int


@dataclass(slots=True)
class Halt:
    """Why no more requests are sent, "" while they are. Whoever waits is woken by it.

    `how`: the endpoint answers nobody ("failed"), wants to be asked another time ("later"), or the user's own budget is
    used up ("budget").
    """

    why: str = ""
    how: Literal["failed", "later", "budget"] = "later"
    _called: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self, why: str, how: Literal["failed", "later", "budget"]) -> None:
        """The first reason stays."""
        if not self.why:
            self.why, self.how = why, how
            self._called.set()

    async def sleep(self, seconds: float) -> None:
        """So long, or until halted."""
        try:
            await asyncio.wait_for(self._called.wait(), seconds)
        except TimeoutError:
            return


class Pace:
    """`limits` a minute by kind, None for none. `sent` is the file of requests; those of the last minute count.

    Waits that the server asks for count for all requests: its limits are of an account.
    """

    def __init__(
        self, limits: Mapping[Kind, int | None], sent: Path, longest_wait: float, budget: Budget, halt: Halt
    ) -> None:
        self._limits, self._file, self._longest, self._budget, self._halt = limits, sent, longest_wait, budget, halt
        self._recent: deque[Sent] = deque()
        self._until = 0.0
        self._left: dict[Kind, tuple[int, float]] = {}
        self._in_turn = asyncio.Lock()
        if sent.is_file():
            cut_torn_line(sent)
            self._remember(sent.read_text(encoding="ascii", errors="replace").splitlines())

    async def turn(self, tokens: int) -> Sent | None:
        """Wait until a request of so many tokens may be sent, and note it; None where halted before, or by the budget.
        What is returned takes the tokens that it cost in the end."""
        async with self._in_turn:
            while not self._halt.why:
                if why := self._budget.why_not(tokens):
                    self._halt.call(why, "budget")
                elif (wait := self._wait(tokens)) > 0:
                    await self._halt.sleep(wait)
                else:
                    return self._note(tokens)
        return None

    def pause(self, seconds: float) -> None:
        """Nothing is sent for so long."""
        self._until = max(self._until, time.monotonic() + seconds)

    def heard(self, left: Mapping[Kind, Left]) -> None:
        """What is left, as a server's headers say.

        Some say when the whole limit is there again (Groq), others when the next request may come. Where the former is
        far away, the next request goes after its share of that: if it is too early, the server says for how long.
        """
        for kind, said in left.items():
            reset = said.reset
            if reset > self._longest:
                reset = min(self._longest, reset / said.limit) if said.limit else 0.0
            self._left[kind] = said.remaining, time.monotonic() + reset

    def _remember(self, lines: Sequence[str]) -> None:
        self._budget.requests += len(lines)
        now, clock = time.monotonic(), time.time()
        for line in lines:
            if found := _LINE.fullmatch(line):
                age = max(0.0, clock - float(found[1]))
                if age < WINDOW:
                    self._recent.append(Sent(now - age, int(found[2])))

    def _wait(self, tokens: int) -> float:
        now = time.monotonic()
        while self._recent and now - self._recent[0].at >= WINDOW:
            self._recent.popleft()
        waits = [self._until - now]
        for kind in KINDS:
            amount = 1 if kind == "requests" else tokens
            waits.append(self._until_room(kind, amount, now))
            remaining, again = self._left.get(kind, (amount, 0.0))
            if remaining < amount:
                waits.append(again - now)
        return max(waits)

    def _until_room(self, kind: Kind, amount: int, now: float) -> float:
        """What needs more than the limit goes alone in its minute: the server decides about it."""
        limit = self._limits.get(kind)
        if limit is None:
            return 0.0
        costs = [1 if kind == "requests" else one.tokens for one in self._recent]
        used, wait = sum(costs), 0.0
        for one, cost in zip(self._recent, costs, strict=True):
            if used == 0 or used + amount <= limit:
                break
            used -= cost
            wait = one.at + WINDOW - now
        return wait

    def _note(self, tokens: int) -> Sent:
        with self._file.open("a", encoding="ascii") as file:
            file.write(f"{time.time():.3f} {tokens}\n")
        self._budget.take(tokens)
        for kind, (remaining, again) in self._left.items():
            self._left[kind] = remaining - (1 if kind == "requests" else tokens), again
        self._recent.append(Sent(time.monotonic(), tokens))
        return self._recent[-1]
