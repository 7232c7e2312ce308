"""Let a model behind an OpenAI-compatible endpoint answer a task; `python -m rl.pairs endpoint` makes pairs of that.

    python -m rl.pairs.endpoint --url http://127.0.0.1:8000/v1 --model NAME --task worlds --output answers.jsonl
    python -m rl.pairs.endpoint --url https://api.groq.com/openai/v1 --key_env GROQ_API_KEY --model NAME \\
        --ask corrupt --task spider --task_path data/spider --output answers.jsonl \\
        --requests_per_minute 30 --tokens_per_minute 6000
    python -m rl.pairs endpoint --task spider --task_path data/spider --answers answers.jsonl --output pairs.jsonl

Golds are executed first, and questions whose gold cannot grade an answer are not asked. One line an answer is appended
to --output as it arrives; the same command goes on where it was left, and asks nothing twice. Exit code 75: the server
wants to be asked another time. FILE.sent holds the times of all requests, FILE.refused what was refused.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import get_args

from envs import tasks
from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from envs.tasks import Split
from policy.config_error import ConfigError, exit_with_sentence
from policy.task_fields import TaskFields, task_can_be_asked
from rl.pairs.endpoint.options import add_options


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m rl.pairs.endpoint",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--task", required=True, metavar="T", help=f"one of {', '.join(tasks.NAMES)}")
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), default="train", help="of the task (default train)")
    add("--limit", type=int, metavar="N", help="only the first so many questions, shuffled alike every time")
    add("--prompt", choices=STYLES, default="strict", help="how --ask answer asks (default strict)")
    add("--seed", type=int, default=0, help="of the answers and of what is asked for (default 0)")
    add("--output", type=Path, required=True, metavar="FILE", help="the answers, a .jsonl")
    add_options(described)
    return described


def main(argv: Sequence[str]) -> int:
    asked = parser().parse_args(argv)
    if asked.limit is not None and asked.limit < 1:
        raise ConfigError(f"--limit is {asked.limit}; it must be at least 1")
    if asked.output.suffix != ".jsonl":
        raise ConfigError(f"--output is {asked.output}; name a file that ends in .jsonl")
    fields = TaskFields(task=asked.task, task_path=asked.task_path)
    if told := task_can_be_asked(fields):
        raise ConfigError(told)
    from policy.endpoint.known import expect
    from rl.pairs import questions
    from rl.pairs.endpoint.gather import gather, head_of, manner_of, prepare

    prepare(asked, asked.output)
    head = head_of(asked)
    expect(asked, head.url, manner_of(head))
    examples = questions.load(fields, asked.split)
    Random(0).shuffle(examples)
    with questions.admitted(fields, examples[: asked.limit]) as found:
        kept, left_out = found.examples, found.quarantined
    print(f"{len(kept):,} of {len(kept) + len(left_out):,} golds can grade an answer", flush=True)
    return gather(asked, kept, asked.output)


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
