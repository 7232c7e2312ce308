"""Answers of a model behind an OpenAI-compatible endpoint, timed as whoever asks it waits for them."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from typing import Any

from envs.example import Example
from eval.endpoint_answers import manner_of, presented, wish
from eval.latency.machine import processors
from eval.latency.measured import Alone, Together
from policy.config_error import ConfigError
from policy.endpoint.asker import back_off
from policy.endpoint.client import Endpoint, Refused, Reply, TryAgain
from policy.endpoint.duration import duration
from policy.endpoint.options import key
from policy.endpoint.stream import streamed
from policy.endpoint.wish import body
from policy.samples import Head


def measure(asked: argparse.Namespace, head: Head, examples: Sequence[Example], warm_up: int) -> dict[str, Any]:
    """As `here.measure`. One at a time answers are read as they are written, where the server can do that."""
    alone, together, served = asyncio.run(_measure(asked, head, presented(examples, head), warm_up))
    return {
        "policy": head.policy,
        "weights": head.weights,
        "prompt": head.prompt,
        "chat_template_kwargs": head.chat_template_kwargs,
        "max_new_tokens": head.max_new_tokens,
        "request": head.request,
        "alone": alone,
        "together": together,
        "memory": None,
        "parameters": None,
        "dtype": "",
        "machine": {"hardware": f"whatever is behind {asked.server_url}", "asked_from": processors()},
        "versions": {"httpx": version("httpx"), "served": served},
    }


async def _measure(
    asked: argparse.Namespace, head: Head, examples: Sequence[Example], warm_up: int
) -> tuple[Alone, Together, str]:
    counted, first = examples[:-warm_up], examples[-warm_up:]
    secret = key(asked.key_env, asked.server_url)
    async with Endpoint(asked.server_url, secret, asked.timeout, asked.at_once) as server:
        in_pieces = await _streams(server, head, first[0])
        one = _Questions(asked, head, server, in_pieces)
        for example in first:
            await one.ask(example)
        one.retries = 0
        found = [await one.ask(example) for example in counted]
        replies, firsts = [reply for reply, _ in found], [seconds for _, seconds in found]
        alone = Alone([each.seconds for each in replies], [_tokens(each) for each in replies], firsts, one.retries)
        many, waiting, tokens = _Questions(asked, head, server, False), iter(counted), list[int | None]()

        async def work() -> None:
            for example in waiting:
                tokens.append(_tokens((await many.ask(example))[0]))

        began = time.monotonic()
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(asked.at_once, len(counted))):
                workers.create_task(work())
        together = Together(time.monotonic() - began, tokens, min(asked.at_once, len(counted)), many.retries)
    return alone, together, ", ".join(sorted({f"{one.served} {one.fingerprint}".strip() for one in replies}))


@dataclass(slots=True)
class _Questions:
    """Asks until it is answered; `retries` counts what was sent again, `in_pieces` whether answers are streamed."""

    asked: argparse.Namespace
    head: Head
    server: Endpoint
    in_pieces: bool
    retries: int = 0

    async def ask(self, example: Example) -> tuple[Reply, float | None]:
        """The reply, whose seconds are those of the one request that was answered, and those until its first text."""
        wanted = wish(example, 0, self.head)
        told = body(manner_of(self.head), wanted)
        for tries in count(1):
            try:
                return await streamed(self.server, told) if self.in_pieces else (await self.server.ask(told), None)
            except Refused as error:
                raise ConfigError(f"the server refuses {example.id}: {error}") from None
            except TryAgain as error:
                wait = max(error.wait or 0.0, back_off(wanted.seed, tries))
                if tries > self.asked.retries or wait > self.asked.longest_wait:
                    raise ConfigError(
                        f"{example.id} went unanswered, tried {tries} times, the last: {error}. The next try would be "
                        f"in {duration(wait)}; --retries is {self.asked.retries} and --longest_wait "
                        f"{duration(self.asked.longest_wait)}"
                    ) from None
                self.retries += 1
                await asyncio.sleep(wait)
        raise AssertionError("it is asked until it is answered")


async def _streams(server: Endpoint, head: Head, example: Example) -> bool:
    """Whether the server takes a request for an answer in pieces; any trouble but a refusal is left to the next."""
    try:
        await streamed(server, body(manner_of(head), wish(example, 0, head)))
    except Refused:
        return False
    except TryAgain:
        return True
    return True


def _tokens(reply: Reply) -> int | None:
    counted = reply.usage.get("completion_tokens")
    return counted if isinstance(counted, int) else None
