"""How long a policy's answers take, honestly: asked one question at a time, and the same questions many at once.

    python -m eval.latency --policy runs/grpo_seedling --task worlds
    python -m eval.latency --policy gpt-4o-mini --backend endpoint --server_url https://api.openai.com/v1 \\
        --task worlds --output gpt-4o-mini/latency.json

Answers are greedy, from the question to its text: prompt and tokens are made within it, no SQL is executed. Latency is
of one question at a time after a warm-up, throughput of the same questions in batches (at an endpoint: under way
together); neither is ever computed from the other. Written to --output (default: eval/latency.json of a run) with the
seconds of every question; python -m eval.head_to_head reads it there, or beside a file of samples: samples.jsonl ->
latency.json, dev.jsonl -> dev_latency.json. A vLLM server and an endpoint may remember prompts that they were asked
before; vLLM in this process forgets them between the two.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from envs import tasks
from envs.example import Example
from envs.sentence_parser import SentenceParser
from eval.generate import ENDPOINT, add_policy
from eval.latency import record
from eval.latency.table import table
from policy.config_error import ConfigError, exit_with_sentence
from policy.endpoint import options
from policy.task_fields import TaskFields, task_can_be_asked

WARM_UP = 3
"""Questions that are asked first and counted nowhere; others than those that are."""
BATCH = 32


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.latency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_policy(described)
    add = described.add_argument
    add("--questions", type=int, default=50, metavar="N", help="of the task, shuffled alike every time (default 50)")
    add("--batch_size", type=int, metavar="N", help=f"prompts at a time for throughput (default {BATCH})")
    add("--output", type=Path, metavar="FILE", help="default: eval/latency.json beside the policy of a run")
    options.add_connection(described.add_argument_group("for --backend endpoint"), at_once="--concurrency")
    return described


def main(argv: Sequence[str]) -> None:
    asked = parser().parse_args(argv)
    for name, least in {"questions": 2, "batch_size": 1, "max_new_tokens": 1}.items():
        if (value := getattr(asked, name)) is not None and value < least:
            raise ConfigError(f"--{name} is {value}; it must be at least {least}")
    if told := task_can_be_asked(TaskFields(task=asked.task, task_path=asked.task_path)):
        raise ConfigError(told)
    output, found = (_at_an_endpoint if asked.backend == ENDPOINT else _here)(asked)
    about = {"backend": asked.backend, "task": asked.task, "task_path": asked.task_path, "split": asked.split}
    told = record.write(output, about | {"warm_up": WARM_UP}, found)
    print(f"{table(told)}\n{output}", flush=True)


def _examples(asked: argparse.Namespace) -> list[Example]:
    try:
        examples = tasks.load(asked.task, asked.split, asked.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {asked.task} cannot be loaded: {error}") from error
    Random(0).shuffle(examples)
    if len(examples) < asked.questions + WARM_UP:
        raise ConfigError(
            f"the {asked.split} split of task {asked.task} has {len(examples):,} questions; --questions "
            f"{asked.questions} and {WARM_UP} to warm up are more: give fewer"
        )
    return examples[: asked.questions + WARM_UP]


def _here(asked: argparse.Namespace) -> tuple[Path, dict[str, Any]]:
    from policy.named_policy import named

    policy = named(asked.policy)
    if asked.output is None and not policy.run:
        raise ConfigError(f"--output is missing: {asked.policy} is in no run's folder that latency.json could lie in")
    asked.batch_size = asked.batch_size or BATCH
    asked.server_url = asked.server_url or "http://127.0.0.1:8000"
    from policy.samplers.unchanging import refuse

    refuse(asked.backend, policy)
    examples = _examples(asked)
    from eval.latency.here import measure

    return asked.output or Path(policy.model).parent / "eval/latency.json", measure(asked, policy, examples, WARM_UP)


def _at_an_endpoint(asked: argparse.Namespace) -> tuple[Path, dict[str, Any]]:
    from eval.endpoint_answers import head_of, manner_of
    from eval.latency.endpoint import measure
    from policy.endpoint.known import expect

    if asked.output is None:
        raise ConfigError("--output is missing: a model behind an endpoint is in no run's folder; name a .json")
    asked.samples, asked.temperature, asked.seed = 1, 0.0, 0
    head = head_of(asked)
    examples = _examples(asked)
    expect(asked, asked.server_url, manner_of(head))
    return asked.output, measure(asked, head, examples, WARM_UP)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
