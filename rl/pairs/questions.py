"""The questions that pairs are about: of one split of a task, those whose gold can grade an answer."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from envs import tasks
from envs.example import Example
from envs.sql_env import SqlEnv
from envs.tasks import Split
from policy.config_error import ConfigError
from policy.questions import environment
from policy.task_fields import TaskFields


@dataclass(frozen=True, slots=True)
class Admitted:
    """`examples` can be paired; `quarantined` holds (example, reason) of those that cannot; `env` judges answers."""

    examples: tuple[Example, ...]
    quarantined: tuple[tuple[str, str], ...]
    env: SqlEnv


def load(task: TaskFields, split: Split) -> list[Example]:
    """Raises ConfigError where the task has no such split."""
    try:
        found = tasks.load(task.task, split, task.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {task.task} cannot be loaded: {error}") from error
    if not found:
        raise ConfigError(f"the {split} split of task {task.task} is empty")
    return found


def first(examples: Sequence[Example], most: int | None) -> list[Example]:
    """At most so many, shuffled alike every time, as everywhere else; all of them in the order of the task for None."""
    if most is None:
        return list(examples)
    shuffled = list(examples)
    Random(0).shuffle(shuffled)
    return shuffled[:most]


@contextmanager
def admitted(task: TaskFields, examples: Collection[Example]) -> Iterator[Admitted]:
    """Every gold executed. Raises ConfigError where none of them can grade an answer."""
    with environment(task, examples) as env:
        admission = env.admit()
        if not admission.kept:
            raise ConfigError(f"no gold of the {len(examples):,} questions of task {task.task} can grade an answer")
        yield Admitted(admission.kept, admission.quarantined, env)
