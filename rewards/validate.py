"""Prove the ruler before anything is measured with it: the gold must win, saying nothing must lose.

python -m rewards.validate --task spider --task_path data/spider --split train --limit 500

Each gold is played as an answer to its own question, beside the empty answer and the gold of another question about the
same database. Golds that cannot be graded are quarantined, with the reason. Exit code 1 when a gold that runs does not
score 1 or an empty answer does; another's gold may win by accident, so those are only counted and listed.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from envs import tasks
from envs.example import Example
from envs.prompt import answer
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from envs.tasks import Split
from rewards.execution_match import execution_match


@dataclass(frozen=True, slots=True)
class Report:
    """Every gold as its own answer, and for those that can be graded the empty answer and another question's gold."""

    golds: Sequence[Rollout]
    empty: Sequence[Rollout]
    strangers: Sequence[Rollout]

    @property
    def sound(self) -> bool:
        return not scoring(self.golds, 0.0) and not scoring(self.empty, 1.0)

    def __str__(self) -> str:
        won, strangers = scoring(self.golds, 1.0), scoring(self.strangers, 1.0)
        vacuous = sum(rollout.verdict.vacuous for rollout in won)
        return "\n".join(
            [
                f"{len(self.golds):7,} examples",
                f"{len(won):7,} golds win; {vacuous:,} of them prove nothing (an empty or constant result)",
                counted(scoring(self.golds, 0.0), "golds run and lose"),
                counted(scoring(self.golds, None), "quarantined"),
                counted(scoring(self.empty, 1.0), "empty answers win"),
                counted(strangers, f"of {len(self.strangers):,} golds of another question win", most=10),
            ]
        )


def validate(examples: Sequence[Example], env: SqlEnv) -> Report:
    """Play the three answers to every example; `env` must hold these examples."""
    golds = env.play_batch([(example.id, text(example)) for example in examples])
    ruled = [rollout.example for rollout in golds if execution_match(rollout) is not None]
    others = another_gold(examples)
    empty = env.play_batch([(example.id, "") for example in ruled])
    strangers = env.play_batch([(example.id, others[example.id]) for example in ruled if example.id in others])
    return Report(golds, empty, strangers)


def another_gold(examples: Sequence[Example]) -> dict[str, str]:
    """Example id -> the gold of the next example about the same database whose gold is not the same text."""
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(example.schema_id, []).append(example)
    found: dict[str, str] = {}
    for group in groups.values():
        for i, example in enumerate(group):
            others = (o for e in group[i + 1 :] + group[:i] if (o := text(e)).split() != text(example).split())
            if (other := next(others, None)) is not None:
                found[example.id] = other
    return found


def text(example: Example) -> str:
    """The gold as a policy would write it."""
    return answer(example)[0]["content"]


def scoring(rollouts: Sequence[Rollout], score: float | None) -> list[Rollout]:
    return [rollout for rollout in rollouts if execution_match(rollout) == score]


def counted(rollouts: Sequence[Rollout], what: str, most: int | None = None) -> str:
    lines = [f"{len(rollouts):7,} {what}"]
    for rollout in rollouts[:most]:
        why = (
            rollout.verdict.ungradable
            or rollout.verdict.reason
            or rollout.gate
            or rollout.execution.message
            or rollout.sql
        )
        lines.append(f"          {rollout.example.id}: {' '.join(why.split())[:200]}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rewards.validate", description="Prove the ruler of a task.")
    parser.add_argument("--task", required=True, choices=tasks.NAMES)
    parser.add_argument("--task_path", help="what the task reads; see its file in envs/tasks/")
    parser.add_argument("--split", default="train", choices=get_args(Split))
    parser.add_argument("--limit", type=int, help="only the first so many examples")
    given = parser.parse_args(arguments)
    try:
        examples = tasks.load(given.task, cast(Split, given.split), given.task_path)[: given.limit]
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    with SqlEnv(examples) as env:
        report = validate(examples, env)
    print(report)
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
