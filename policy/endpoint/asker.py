"""Ask for every answer that is wanted, some at a time, until all are there or a limit is reached."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

from envs.progress import Tell, progress
from policy.endpoint.budget import Budget
from policy.endpoint.client import Endpoint, Refused, Reply, TryAgain
from policy.endpoint.duration import duration
from policy.endpoint.pace import Halt, Pace, Sent
from policy.endpoint.server_limits import left
from policy.endpoint.wish import Manner, Wish, body

IN_A_ROW = 5
"""Questions that go unanswered one after another, before it is the endpoint and not the questions."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 1.0, 60.0
"""Seconds: the most before the first retry, doubled for each further one, and the most there is."""


class Keeper(Protocol):
    """Who keeps what comes; `requests` is how many it took."""

    def keep(self, wish: Wish, reply: Reply, requests: int) -> None: ...

    def refuse(self, wish: Wish, told: str, requests: int) -> None:
        """The server refused this question, in such words, and answered another since: it was the question and not the
        way of asking."""
        ...


@dataclass(slots=True)
class Asker:
    """One run of asking. `at_once` requests are under way, each tried again `retries` times; a wait of more than
    `longest_wait` seconds ends it. `refused` holds what was refused since the last answer."""

    endpoint: Endpoint
    manner: Manner
    keeper: Keeper
    pace: Pace
    budget: Budget
    halt: Halt
    at_once: int
    retries: int
    longest_wait: float
    answered: int = 0
    given_up: int = 0
    refused: list[tuple[Wish, str, int]] = field(default_factory=list[tuple[Wish, str, int]])
    _unanswered: int = 0
    _say: Tell = field(default_factory=progress)

    async def ask_all(self, wishes: Iterator[Wish], total: int) -> None:
        """Returns when nothing is left to ask or it was halted; what is under way then is waited for."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(self.at_once, total)):
                workers.create_task(self._work(wishes, total))
        if self.refused and not self.halt.why:
            self.halt.call(f"the server refuses to answer: {self.refused[-1][1]}", "failed")

    async def _work(self, wishes: Iterator[Wish], total: int) -> None:
        for wish in wishes:
            await self._one(wish)
            if self.halt.why:
                return
            self._say(f"{self.answered:,} of {total:,} answers, {self.budget.tokens:,} tokens so far")

    async def _one(self, wish: Wish) -> None:
        tries, seen = 0, self.answered
        for requests in count(1):
            sent = await self.pace.turn(wish.tokens)
            if sent is None:
                return
            try:
                self._keep(wish, await self._reply(wish, sent), requests)
                return
            except Refused as error:
                self._refuse(wish, error, requests)
                return
            except TryAgain as error:
                # Where others were answered meanwhile, it is a limit that works, and no reason to give up.
                tries = 1 if error.limited and self.answered > seen else tries + 1
                seen = self.answered
                if not await self._wait(wish, error, tries):
                    return

    async def _reply(self, wish: Wish, sent: Sent) -> Reply:
        cost = 0
        try:
            reply = await self.endpoint.ask(body(self.manner, wish))
            cost = reply.usage.setdefault("total_tokens", wish.tokens)
        except TryAgain as error:
            self.pace.heard(left(error.headers))
            if error.limited:  # it was not run, and costs no tokens
                sent.tokens = 0
            raise
        finally:
            self.budget.settle(wish.tokens, cost)
        self.pace.heard(left(reply.headers))
        sent.tokens = cost
        return reply

    async def _wait(self, wish: Wish, error: TryAgain, tries: int) -> bool:
        """Until a request may be tried again; False where it may not."""
        if error.wait is not None and error.wait > self.longest_wait:
            asked = f"the server asks to wait {duration(error.wait)}, and --longest_wait is"
            self.halt.call(f"{asked} {duration(self.longest_wait)} ({error})", "later")
            return False
        if tries > self.retries:
            self.given_up += 1
            self._went_unanswered(f"{error}, tried {tries} times")
            return False
        wait = (
            error.wait if error.wait is not None and tries == 1 else max(error.wait or 0.0, back_off(wish.seed, tries))
        )
        self._say(f"{error}: again in {duration(wait)}")
        if error.limited or error.wait is not None:
            self.pace.pause(wait)
        else:
            await self.halt.sleep(wait)
        return True

    def _keep(self, wish: Wish, reply: Reply, requests: int) -> None:
        for refused in self.refused:
            self.keeper.refuse(*refused)
        self.refused.clear()
        self.keeper.keep(wish, reply, requests)
        self.answered, self._unanswered = self.answered + 1, 0

    def _refuse(self, wish: Wish, error: Refused, requests: int) -> None:
        if not error.one:
            self.halt.call(f"the server refuses: {error}", "failed")
            return
        self.refused.append((wish, str(error), requests))
        self._went_unanswered(str(error))

    def _went_unanswered(self, told: str) -> None:
        self._unanswered += 1
        if self._unanswered >= IN_A_ROW:
            self.halt.call(f"{IN_A_ROW} questions in a row went unanswered, the last: {told}", "failed")


def back_off(seed: int, tries: int) -> float:
    """Seconds before the next try, after so many: exponential, with full jitter (M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015)."""
    most = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(tries - 1, 30))
    return Random(f"{seed} {tries}").uniform(0.0, most)
