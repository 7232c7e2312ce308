"""From a command line and some examples to a file of answers, and a sentence about how far it came."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from envs.example import Example
from policy.config_error import ConfigError
from policy.endpoint.address import checked
from policy.endpoint.ask import LATER, ask
from policy.endpoint.asker import Asker
from policy.endpoint.options import key
from policy.endpoint.wish import Manner
from policy.sole_run import hold_output
from rl.pairs.endpoint.answers import Answer, Head, refusals, so_far
from rl.pairs.endpoint.asking import WAYS, wish
from rl.pairs.endpoint.keeping import Kept
from rl.pairs.endpoint.options import check


def head_of(asked: argparse.Namespace) -> Head:
    return Head(
        asked=WAYS[asked.ask],
        url=checked(asked.url),
        model=asked.model,
        task=asked.task,
        task_path=asked.task_path,
        split=asked.split,
        prompt=asked.prompt,
        temperature=asked.temperature,
        max_new_tokens=asked.max_new_tokens,
        seed=asked.seed,
        request=asked.request,
    )


def manner_of(head: Head) -> Manner:
    return Manner(head.model, head.temperature, head.max_new_tokens, head.request)


def prepare(asked: argparse.Namespace, file: Path) -> list[Answer]:
    """Hold the file for this process, and say what is in it; to be called before anything that takes long.

    Raises ConfigError where an option cannot be used, where the file holds something else, and while another process
    is at work on it.
    """
    check(asked)
    head = head_of(asked)
    key(asked.key_env, head.url)
    hold_output(file, "asking for answers")
    return so_far(file, head)


def gather(asked: argparse.Namespace, examples: Sequence[Example], file: Path) -> int:
    """Ask for every answer to the examples that the file lacks. 0 where it holds them all or a budget of the user's is
    used up, `LATER` where the server has to be asked another day. Raises ConfigError where it answers nobody."""
    before, head = prepare(asked, file), head_of(asked)
    done = {(one.example, one.place) for one in before}
    wanted = [(one, place) for place in range(asked.samples) for one in examples if (one.id, place) not in done]
    handler = signal.signal(signal.SIGTERM, _stop)
    try:
        wishes = (wish(*one, head.asked, head.prompt, head.seed, head.max_new_tokens) for one in wanted)
        used = sum(one.tokens for one in before)
        ended = asyncio.run(ask(asked, head.url, manner_of(head), wishes, len(wanted), Kept(file, head), file, used))
    except KeyboardInterrupt:
        print(f"stopped; what was answered is in {file}, and the same command goes on with it", file=sys.stderr)
        raise SystemExit(130) from None
    finally:
        signal.signal(signal.SIGTERM, handler)
    return _told(asked, ended, before, so_far(file, head), len(wanted), file)


def _told(
    asked: argparse.Namespace,
    ended: Asker,
    before: Sequence[Answer],
    held: Sequence[Answer],
    wanted: int,
    file: Path,
) -> int:
    now, refused = len(held) - len(before), sum(bool(one.refused) for one in held)
    left, used = wanted - now, ended.budget
    told = f"{now:,} answers now, {len(before):,} before, {left:,} to go: {file}"
    told += f" ({used.requests:,} requests and {used.tokens:,} tokens in all)"
    if refused:
        told += f"; {refused:,} of them are refusals, in {refusals(file).name}"
    if ended.given_up:
        told += f"; {ended.given_up:,} were given up on after {asked.retries} retries"
    if ended.halt.why and ended.halt.how == "failed":
        raise ConfigError(f"{ended.halt.why}. {told}. Once that is mended the same command goes on")
    if ended.halt.why:
        told += f". Stopped: {ended.halt.why}"
    print(told + (". The same command goes on with them" if left else ""), flush=True)
    return LATER if left and ended.halt.how == "later" else 0


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
