"""What was asked: question, gold, database and category, from the runs' files and from the task where it is at hand."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from envs import tasks
from envs.example import Example
from eval.head_to_head.policies import Asked, Policy
from eval.score import questions
from policy.config_error import ConfigError
from policy.task_fields import TaskFields


def asked(policies: Sequence[Policy], examples: Sequence[Example], ids: Sequence[str]) -> dict[str, Asked]:
    """By id. What a run's file says of a question stands; the task adds what no file holds."""
    of_task = {example.id: example for example in examples}
    of_runs = {name: one for policy in policies for run in policy.runs for name, one in run.asked.items()}
    found: dict[str, Asked] = {}
    for name in ids:
        kept, example = of_runs.get(name, Asked()), of_task.get(name)
        if example and kept.gold in ("", example.gold_sql, *example.other_golds):
            kept = Asked(
                kept.question or example.question,
                kept.gold or example.gold_sql,
                kept.difficulty or example.difficulty,
                example.schema_id,
                example.category,
            )
        found[name] = kept
    return found


def of_golds(examples: Sequence[Example], asked: Mapping[str, Asked], why_not: str) -> tuple[dict[str, Example], str]:
    """The examples by id where each has the gold that was asked for; else none and why."""
    others = [one.id for one in examples if asked[one.id].gold not in (one.gold_sql, *one.other_golds)]
    if others:
        return {}, f"the task as it is now has another gold of {others[0]} ({len(others):,} of {len(examples):,})"
    return {example.id: example for example in examples}, why_not


def about(fields: TaskFields) -> str:
    """Where the questions come from, for somebody who does not know the task by its name: the end of the path, or what
    the task's own file says of it first."""
    if fields.task_path:
        return "/".join(Path(fields.task_path).parts[-2:])
    if fields.task not in tasks.NAMES:
        return ""
    said = (import_module(f"envs.tasks.{fields.task}").__doc__ or "").split("\n")[0]
    return re.sub(r"^The ", "the ", re.split(r"[;.](?:\s|$)", said)[0])


def task_of(policies: Sequence[Policy], task_path: str | None) -> TaskFields:
    first = policies[0].runs[0]
    return TaskFields(
        task=first.conditions["task"],
        task_path=task_path or first.task_path,
        prompt=first.conditions["prompt"],
        comparison=first.conditions["comparison"],
    )


def examples_of(fields: TaskFields, split: str, ids: Sequence[str]) -> tuple[list[Example], str]:
    """The task's examples of these ids, or none of them and why."""
    try:
        return questions(fields, split, ids), ""
    except ConfigError as error:
        return [], str(error)
