"""The command that asks an endpoint for pairs, through a proxy."""

from collections.abc import Sequence
from pathlib import Path

from envs.example import Example
from policy.samplers import seed_of
from rl.pairs.endpoint.__main__ import parser
from rl.pairs.endpoint.gather import gather

from ....endpoint_proxy import MODEL, Proxy


def typed(proxy: Proxy, file: Path, *more: str) -> list[str]:
    told = ["--url", proxy.url, "--model", MODEL, "--task", "worlds", "--max_new_tokens", "40", "--output", str(file)]
    return [*told, *more]


def ask(proxy: Proxy, file: Path, examples: Sequence[Example], *more: str) -> int:
    return gather(parser().parse_args(typed(proxy, file, *more)), examples, file)


def seed_asked(row: dict) -> int:
    """The seed that a line's request had: it tells requests apart."""
    return seed_of([row["example"], str(row["place"])], 0) % 2**31
