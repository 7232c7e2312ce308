"""A model behind an OpenAI-compatible endpoint answers questions into a file of samples."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from envs.example import Example
from envs.presentation import Presentation
from envs.prompt import messages, style_of
from eval import arrivals
from eval.in_order import InOrder
from policy.config_error import ConfigError
from policy.endpoint import options
from policy.endpoint.address import checked
from policy.endpoint.ask import LATER, ask, sent_beside
from policy.endpoint.asker import Asker
from policy.endpoint.known import expect
from policy.endpoint.wish import Manner, Wish, wish_of
from policy.presenting import LATER_KEYS, cannot_be_presented, in_words, present
from policy.samplers import seed_of
from policy.samples import Head, finished
from policy.sole_run import hold_output

DEFAULT_URL = "http://127.0.0.1:8000/v1"
LONGEST = 256
"""Tokens of a completion where nobody says, as of a local policy that comes from no run."""
SHOWN = 20
"""Questions the server refused that are named on the console."""


def head_of(asked: argparse.Namespace) -> Head:
    """What all rows have in common; the URL is looked at and set. Raises ConfigError where an option cannot be used."""
    options.check(asked, at_once="--concurrency")
    if asked.batch_size is not None or asked.dtype != "auto":
        raise ConfigError(
            "--batch_size and --dtype are an endpoint's own; --concurrency says how many are asked at once"
        )
    url = checked(asked.server_url or DEFAULT_URL, "--server_url")
    asked.server_url = url
    said = {key: value for key in LATER_KEYS if (value := getattr(asked, key, None)) is not None}
    presentation = Presentation.of(said)
    if told := cannot_be_presented(presentation):
        raise ConfigError(told)
    template = {"chat_template_kwargs": asked.chat_template_kwargs} if asked.chat_template_kwargs else {}
    return Head(
        policy=asked.policy,
        weights=f"endpoint:{asked.policy}@{urlsplit(url).hostname}",
        task=asked.task,
        task_path=asked.task_path,
        split=asked.split,
        prompt=asked.prompt or "strict",
        chat_template_kwargs=asked.chat_template_kwargs,
        backend="endpoint",
        dtype="",
        samples=asked.samples,
        temperature=asked.temperature,
        max_new_tokens=asked.max_new_tokens or LONGEST,
        batch_size=1,
        seed=asked.seed,
        request=template | asked.request or None,
        **asdict(presentation),
    )


def prepare(asked: argparse.Namespace) -> Head:
    """`head_of`, once all is ready to be asked. Raises ConfigError where nobody answers at the URL, the key or the
    model is wrong, the file holds something else, or another process is at work on it."""
    head = head_of(asked)
    arrived = arrivals.beside(asked.output)
    hold_output(arrived, "asking for answers")
    try:
        finished(asked.output, head)
        arrivals.read(arrived, head)
        expect(asked, asked.server_url, manner_of(head))
    except ConfigError:
        arrivals.drop_if_empty(arrived)
        raise
    return head


def manner_of(head: Head) -> Manner:
    return Manner(head.policy, head.temperature, head.max_new_tokens, head.request or {})


def presented(examples: Sequence[Example], head: Head) -> list[Example]:
    """With what is shown beside the question, all shots included: nobody here knows the model's room. Raises
    ConfigError as `policy.presenting.present`."""
    found = present(examples, head.presentation, head.task, head.task_path)
    if told := in_words(found, head.split):
        print(told, flush=True)
    return found.examples


def wish(example: Example, place: int, head: Head) -> Wish:
    """The messages that a local policy gets of an example, `presented`; every place has a seed of its own, and so
    another answer."""
    told = messages(example, style_of(head.prompt))
    return wish_of(example.id, place, told, seed_of([example.id, str(place)], head.seed), head.max_new_tokens)


def answer(asked: argparse.Namespace, head: Head, examples: Sequence[Example]) -> int:
    """Ask for every completion that neither the file nor what arrived holds. 0 where the file has a row for every
    question but those that the server refuses, `LATER` where some are to be asked another time. Raises ConfigError
    where it answers nobody."""
    output, arrived = asked.output, arrivals.beside(asked.output)
    before = finished(output, head)
    told = {"httpx": version("httpx"), "url": asked.server_url}
    rows = InOrder(output, head, told, examples, before, arrivals.read(arrived, head))
    wanted = [
        (one, place) for one in presented(examples, head) for place in range(head.samples) if rows.lacks(one.id, place)
    ]
    wishes = (wish(one, place, head) for one, place in wanted)
    asker = asyncio.run(
        ask(asked, asked.server_url, manner_of(head), wishes, len(wanted), rows, output, rows.spent_before)
    )
    if not asker.halt.why:
        rows.end()
    return _told(rows, asker, len(before), output)


def _told(rows: InOrder, asker: Asker, before: int, output: Path) -> int:
    left = rows.left()
    told = f"{rows.written:,} questions answered now, {before:,} before, {left:,} to go: {output}"
    told += f" ({asker.budget.tokens:,} tokens in all)"
    for example, why in list(rows.refused.items())[:SHOWN]:
        print(f"left out: {example}, the server refuses it: {why}", flush=True)
    if rows.empty:
        print(f"{rows.empty:,} answers are empty (finish_reason {', '.join(sorted(rows.empty_why))})", file=sys.stderr)
    if len(rows.served) > 1:
        print(f"several models answered: {', '.join(sorted(rows.served))}; every row says which", file=sys.stderr)
    if asker.halt.why and asker.halt.how == "failed":
        raise ConfigError(f"{asker.halt.why}. {told}. Once that is mended the same command goes on")
    if left:
        why = f". Stopped: {asker.halt.why}" if asker.halt.why else ""
        print(f"{told}{why}. The same command goes on with them", flush=True)
        return LATER
    print(told, flush=True)
    if not rows.refused:
        for file in (arrivals.beside(output), sent_beside(output)):
            file.unlink(missing_ok=True)
    return 0
