"""The command line of an endpoint that is asked for pairs, and what is wrong with it, before anything is asked."""

import argparse
from typing import get_args

from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError
from policy.endpoint import options
from rl.pairs.endpoint.asking import Way

LEAST = {"samples": 1, "temperature": 0, "max_new_tokens": 1}


def add_options(to: SentenceParser) -> None:
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
    options.add_options(to)


def check(asked: argparse.Namespace) -> None:
    """Raises ConfigError with the first option that cannot be used."""
    for key, least in LEAST.items():
        if not least <= (value := getattr(asked, key)) < float("inf"):
            raise ConfigError(f"--{key} is {value}; it must be at least {least}")
    options.check(asked)
    if asked.samples > 1 and asked.temperature == 0:
        raise ConfigError(f"--samples {asked.samples} at temperature 0 would all be alike; give --temperature 1.0")
