"""The command line of whoever asks an endpoint: the key, the limits and the budget; and what is wrong with it."""

import argparse
import json
import os
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from policy.config_error import ConfigError

LEAST = {
    "at_once": 1,
    "requests_per_minute": 1,
    "tokens_per_minute": 1,
    "retries": 0,
    "longest_wait": 0,
    "most_requests": 1,
    "most_tokens": 1,
}
NEAR = ("127.0.0.1", "localhost", "::1")
KEY_ENV = "OPENAI_API_KEY"


def as_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"it is no JSON ({error})") from error


class Takes(Protocol):
    """A parser, or a group of one."""

    def add_argument(self, *names: str, **told: Any) -> argparse.Action: ...


def add_options(to: Takes, at_once: str = "--at_once") -> None:
    """All of it; `at_once` is what the number of requests under way is called."""
    add_connection(to, at_once)
    add = to.add_argument
    add("--requests_per_minute", type=int, metavar="N", help="at most so many (default: what the server allows)")
    add("--tokens_per_minute", type=int, metavar="N", help="at most so many, prompts included (default: as above)")
    add("--most_requests", type=int, metavar="N", help="in all, earlier runs included")
    add("--most_tokens", type=int, metavar="N", help="in all, earlier runs included, as the server counts them")


def add_connection(to: Takes, at_once: str = "--at_once") -> None:
    """Key, what is added to requests, how many at a time, and how long they are tried."""
    add = to.add_argument
    add("--request", type=as_json, default={}, metavar="JSON", help="added to each request; null leaves a key out")
    add("--key_env", default=KEY_ENV, metavar="NAME", help="variable that holds the key; '' sends none")
    add(at_once, dest="at_once", type=int, default=4, metavar="N", help="requests under way at a time (default 4)")
    add("--retries", type=int, default=6, metavar="N", help="of a request that may be answered later (default 6)")
    add("--timeout", type=float, default=120.0, metavar="S", help="seconds of one request (default 120)")
    add(
        "--longest_wait",
        type=float,
        default=300.0,
        metavar="S",
        help="stop where the server asks to wait longer, as for a new day's quota (default 300)",
    )


def check(asked: argparse.Namespace, at_once: str = "--at_once") -> None:
    """Raises ConfigError with the first option that cannot be used."""
    for key, least in LEAST.items():
        if (value := getattr(asked, key, None)) is not None and not least <= value < float("inf"):
            name = at_once if key == "at_once" else f"--{key}"
            raise ConfigError(f"{name} is {value}; it must be at least {least}")
    if not 0 < asked.timeout < float("inf"):
        raise ConfigError(f"--timeout is {asked.timeout}; it must be above 0 seconds")
    if not isinstance(asked.request, dict) or asked.request.keys() & {"messages", "model", "n", "stream"}:
        raise ConfigError("--request must be a JSON object without messages, model, n and stream: these are the lab's")


def key(key_env: str, url: str, environment: Mapping[str, str] = os.environ) -> str:
    """The key from the variable of that name, "" where none is sent. Raises ConfigError where a server that is not on
    this machine would be asked without one."""
    found = environment.get(key_env, "").strip() if key_env else ""
    host = urlsplit(url).hostname
    if found or not key_env or host in NEAR:
        return found
    raise ConfigError(
        f"the key for {host} is missing: set the environment variable {key_env}, or name another with --key_env; "
        "--key_env '' asks without a key"
    )
