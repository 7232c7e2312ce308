"""Questions presented as a run's keys say, the shots from the train split of their task. Imports no torch."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from envs import tasks
from envs.example import Example
from envs.presentation import Presentation, Presented, presented
from envs.presentation.shots import Shots
from policy.config_error import ConfigError

LATER_KEYS = {one.name: one.default for one in fields(Presentation)}
"""Keys that came after the first runs and files had been written without them -> how those were asked."""
MOST_SHOTS = 64


def presentation_of(run: Any) -> Presentation:
    """From a record that has the keys as fields."""
    return Presentation(**{key: getattr(run, key) for key in LATER_KEYS})


def present(
    examples: Sequence[Example], how: Presentation, task: str, task_path: str | None, keep_gold: bool = False
) -> Presented:
    """Raises ConfigError where shots are asked for and the task has no train split, or where summaries are missing."""
    shots = shots_of(task, how.shot_path or task_path, how.shot_choice) if how.shots else None
    try:
        return presented(examples, how, shots, keep_gold)
    except ValueError as error:
        raise ConfigError(str(error)) from error


@lru_cache(maxsize=2)
def shots_of(task: str, path: str | None, choice: str) -> Shots:
    """The train split, indexed. Raises ConfigError where there is none."""
    try:
        train = tasks.load(task, "train", path)
    except (ValueError, OSError) as error:
        raise ConfigError(
            f"shots come from the train split of task {task}, and it cannot be loaded: {error}. Name in shot_path "
            "where one lies, or write shots: 0"
        ) from error
    return Shots(train, choice == "similar")


def fitted(example: Example, length: Callable[[Example], int], most: int | None) -> Example:
    """The example with as many shots as leave its prompt within `most` tokens, the least alike dropped first; with none
    it may still be too long. Without shots nothing is measured."""
    while most is not None and example.shots and length(example) > most:
        example = replace(example, shots=example.shots[:-1])
    return example


def in_words(found: Presented, split: str, keep_gold: bool = False) -> str:
    """What a budget left of the golds, in words; "" where nothing was cut."""
    if not found.cut:
        return ""
    added = (
        ", and what it cut of the others' is put back, for teaching" if keep_gold and found.kept < found.read else ""
    )
    return (
        f"schema_tokens cuts the schema of {found.cut:,} of {len(found.examples):,} questions and keeps all tables of "
        f"the gold in {100 * found.kept / max(1, found.read):.1f}% of {split} ({found.kept:,} of the {found.read:,} "
        f"golds that can be read){added}"
    )


def cannot_be_presented(how: Presentation) -> str | None:
    """What is wrong with the keys, as a sentence, or None."""
    if how.shots < 0 or how.shots > MOST_SHOTS:
        return f"shots is {how.shots}; it must be 0, for none, to {MOST_SHOTS}."
    if how.schema_tokens is not None and how.schema_tokens < 1:
        return f"schema_tokens is {how.schema_tokens}; it must be at least 1, or null for the whole schema."
    if not how.shots and (given := [key for key in ("shot_choice", "shot_path") if key in how.changed()]):
        return f"{given[0]} would be ignored: shots is 0. Write shots: 3, or leave it out."
    if how.shot_path is not None and not Path(how.shot_path).expanduser().exists():
        return f"shot_path is {how.shot_path!r}, and nothing is there. Write where the task with the train split lies."
    return None
