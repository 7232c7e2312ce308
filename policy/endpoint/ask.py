"""From a command line and wishes to answers in somebody's keeping: endpoint, pace and budget put together."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from policy.endpoint.asker import Asker, Keeper
from policy.endpoint.budget import Budget
from policy.endpoint.client import Endpoint
from policy.endpoint.options import key
from policy.endpoint.pace import Halt, Pace
from policy.endpoint.server_limits import Kind
from policy.endpoint.wish import Manner, Wish

LATER = 75
"""Exit code of a command that did what it could today: EX_TEMPFAIL of sysexits.h."""


def sent_beside(file: Path) -> Path:
    """Where the times of all requests for a file stand."""
    return file.with_name(f"{file.name}.sent")


async def ask(
    asked: argparse.Namespace,
    url: str,
    manner: Manner,
    wishes: Iterator[Wish],
    total: int,
    keeper: Keeper,
    file: Path,
    used_tokens: int,
) -> Asker:
    """`asked` as by `options.add_options`; `total` is how many wishes there are, `used_tokens` what answers of earlier
    runs cost."""
    halt = Halt()
    budget = Budget(asked.most_requests, asked.most_tokens, 0, used_tokens)
    limits: dict[Kind, int | None] = {"requests": asked.requests_per_minute, "tokens": asked.tokens_per_minute}
    async with Endpoint(url, key(asked.key_env, url), asked.timeout, asked.at_once) as endpoint:
        pace = Pace(limits, sent_beside(file), asked.longest_wait, budget, halt)
        asker = Asker(endpoint, manner, keeper, pace, budget, halt, asked.at_once, asked.retries, asked.longest_wait)
        await asker.ask_all(wishes, total)
    return asker
