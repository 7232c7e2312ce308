"""The command line of an endpoint, and what is wrong with it, before anything is asked."""

import argparse
import json
import os
from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlsplit

from policy.config_error import ConfigError
from rl.pairs.endpoint.asking import Way

LEAST = {
    "samples": 1,
    "temperature": 0,
    "max_new_tokens": 1,
    "at_once": 1,
    "requests_per_minute": 1,
    "tokens_per_minute": 1,
    "retries": 0,
    "longest_wait": 0,
    "most_requests": 1,
    "most_tokens": 1,
}
NEAR = ("127.0.0.1", "localhost", "::1")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"it is no JSON ({error})") from error


def add_options(to: argparse.ArgumentParser) -> None:
    """What an endpoint needs beside a task, its split, --limit, --prompt and --seed."""
    add = to.add_argument
    add("--url", required=True, help="base of the API: https://api.openai.com/v1, http://127.0.0.1:8000/v1")
    add("--model", required=True, metavar="NAME", help="as the endpoint names it")
    add(
        "--ask",
        choices=get_args(Way),
        default="answer",
        help="for an answer (default), by the lab's own prompt; or to corrupt the gold, which is shown",
    )
    add("--samples", type=int, default=1, metavar="K", help="answers a question (default 1)")
    add("--temperature", type=float, default=1.0, metavar="T", help="default 1")
    add("--max_new_tokens", type=int, default=512, metavar="N", help="of an answer (default 512)")
    add("--request", type=_json, default={}, metavar="JSON", help="added to each request; null leaves a key out")
    add("--key_env", default="OPENAI_API_KEY", metavar="NAME", help="variable that holds the key; '' sends none")
    add("--at_once", type=int, default=4, metavar="N", help="requests under way at a time (default 4)")
    add("--requests_per_minute", type=int, metavar="N", help="at most so many (default: what the server allows)")
    add("--tokens_per_minute", type=int, metavar="N", help="at most so many, prompts included (default: as above)")
    add("--retries", type=int, default=6, metavar="N", help="of a request that may be answered later (default 6)")
    add("--timeout", type=float, default=120.0, metavar="S", help="seconds of one request (default 120)")
    add(
        "--longest_wait",
        type=float,
        default=300.0,
        metavar="S",
        help="stop where the server asks to wait longer, as for a new day's quota (default 300)",
    )
    add("--most_requests", type=int, metavar="N", help="in all, earlier runs included")
    add("--most_tokens", type=int, metavar="N", help="in all, earlier runs included, as the server counts them")


def check(asked: argparse.Namespace) -> None:
    """Raises ConfigError with the first option that cannot be used."""
    for key, least in LEAST.items():
        if (value := getattr(asked, key)) is not None and not least <= value < float("inf"):
            raise ConfigError(f"--{key} is {value}; it must be at least {least}")
    if not 0 < asked.timeout < float("inf"):
        raise ConfigError(f"--timeout is {asked.timeout}; it must be above 0 seconds")
    try:
        urlsplit(asked.url)
    except ValueError:  # whose words may hold a password
        raise ConfigError("--url is no address; it must be like https://api.openai.com/v1") from None
    if asked.samples > 1 and asked.temperature == 0:
        raise ConfigError(f"--samples {asked.samples} at temperature 0 would all be alike; give --temperature 1.0")
    if not isinstance(asked.request, dict) or asked.request.keys() & {"messages", "model", "n", "stream"}:
        raise ConfigError("--request must be a JSON object without messages, model, n and stream: these are the lab's")


def key(asked: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> str:
    """The key from the variable that --key_env names, "" where none is sent. Raises ConfigError where a server that is
    not on this machine would be asked without one."""
    found = environment.get(asked.key_env, "").strip() if asked.key_env else ""
    host = urlsplit(asked.url).hostname
    if found or not asked.key_env or host in NEAR:
        return found
    raise ConfigError(
        f"the key for {host} is missing: set the environment variable {asked.key_env}, or name another with --key_env; "
        "--key_env '' asks without a key"
    )
