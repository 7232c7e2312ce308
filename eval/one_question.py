"""Watch a policy answer one question of a task: what it is shown, what it writes, what comes back, the verdict.

    python -m eval.one_question --policy policy/seedling --task worlds --index 3
    python -m eval.one_question --policy runs/NAME --task spider --task_path PATH --id dev-17 --gold

--index counts the questions of the split from 0, in the order of its files. The policy is asked as by eval.generate,
greedily, and nothing is kept. Exit status: 0 right, 1 wrong or unscored, 2 bad input.
"""

import argparse
import sys
from collections.abc import Sequence

from envs import tasks
from envs.example import Example
from envs.sentence_parser import SentenceParser
from eval.generate import ENDPOINT, add_policy
from policy.config_error import ConfigError, exit_with_sentence
from policy.named_policy import Named, named
from policy.questions import environment
from policy.task_fields import TaskFields, task_can_be_asked
from rewards.rollout_text import asked as question_text
from rewards.rollout_text import painted, told, wrapped


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.one_question",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_policy(described)
    which = described.add_mutually_exclusive_group(required=True)
    which.add_argument("--index", type=int, metavar="N", help="its place in the split, from 0")
    which.add_argument("--id", metavar="ID", help="its id")
    described.add_argument("--gold", action="store_true", help="show the gold too")
    return described


def main(argv: Sequence[str]) -> int:
    asked = parser().parse_args(argv)
    if asked.backend == ENDPOINT:
        raise ConfigError("--backend endpoint answers many questions: python -m eval.generate --limit 1")
    fields = TaskFields(task=asked.task, task_path=asked.task_path)
    if said := task_can_be_asked(fields):
        raise ConfigError(said)
    policy = named(asked.policy)
    try:
        examples = tasks.load(asked.task, asked.split, asked.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {asked.task} cannot be loaded: {error}") from error
    example, place = _chosen(examples, asked.index, asked.id)
    print(question_text(example, place), flush=True)
    written = _write(asked, policy, example)
    print(f"{painted('written', 'bold')}   {wrapped(written)}\n")
    with environment(fields, [example]) as env:
        rollout = env.play(example.id, written)
    print(told(rollout))
    if asked.gold:
        print(wrapped(example.gold_sql, "gold"))
    return 0 if rollout.verdict.correct else 1


def _chosen(examples: Sequence[Example], index: int | None, name: str | None) -> tuple[Example, str]:
    """The question and where it stands, in words. Raises ConfigError where it is not there."""
    if index is None:
        index = next((at for at, one in enumerate(examples) if one.id == name), None)
        if index is None:
            raise ConfigError(
                f"--id {name!r} is not in this split of {len(examples):,}; its first is {examples[0].id!r}"
            )
    if not 0 <= index < len(examples):
        raise ConfigError(f"--index is {index}; this split has 0 to {len(examples) - 1:,}")
    return examples[index], f"{index + 1:,} of {len(examples):,}"


def _write(asked: argparse.Namespace, policy: Named, example: Example) -> str:
    from eval.fitting import presented, prompts_that_fit, way_of
    from policy.samplers import Sampling
    from policy.samplers.unchanging import dtype_of, open_sampler, refuse, stops_of, tokenizer_of
    from policy.thoughts import LAST, opened

    refuse(asked.backend, policy)
    tokenizer, way = tokenizer_of(policy), way_of(asked, policy)
    prompts = prompts_that_fit(policy, tokenizer, presented(asked, policy, tokenizer, [example], way), way)
    ids, stops = prompts[example.id], stops_of(policy, tokenizer)
    url = asked.server_url or "http://127.0.0.1:8000"
    sampler = open_sampler(asked.backend, policy, tokenizer, dtype_of(asked.dtype), len(ids) + way.most, 1, url)
    try:
        ((sampled,),) = sampler.generate([ids], 1, Sampling(way.most, 0.0, stops, 0))
    finally:
        sampler.close()
    return opened(tokenizer.decode(ids[-LAST:])) + tokenizer.decode(sampled.ids, skip_special_tokens=True)


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
