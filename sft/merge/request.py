"""What one export is asked to do, and the questions it is checked and examined on. No torch."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from envs import tasks
from envs.example import Example
from envs.presentation import Presentation
from envs.prompt import Style
from policy.config_error import ConfigError
from policy.presenting import present
from sft.merge.trained_policy import TrainedPolicy

BUNDLED = "worlds"
"""The task whose prompts stand in where a run's own cannot be had and nobody asked for an evaluation."""


@dataclass(frozen=True)
class Request:
    """A checked command line. `evaluate` is how many held-out questions, 0 for none; `task` is None where neither the
    run nor anybody named one; `push_to_hub` is USER/NAME or None."""

    policy: TrainedPolicy
    out: Path
    variants: tuple[str, ...]
    task: str | None
    task_path: str | None
    split: tasks.Split
    style: Style
    presentation: Presentation
    template: dict[str, Any] | None
    max_new_tokens: int
    evaluate: int
    push_to_hub: str | None
    private: bool


@dataclass(frozen=True)
class Asked:
    """Questions in a fixed order, their task and split, and why they are not the run's own ("" where they are)."""

    examples: tuple[Example, ...]
    task: str
    split: str
    note: str = ""


def load_questions(request: Request) -> Asked:
    """The split, shuffled by the lab's fixed seed as training's held-out questions are, so that runs can be compared.

    Raises ConfigError when an evaluation is wanted and the task cannot be loaded; without one, the bundled task's
    prompts do for the check of the merge.
    """
    if request.evaluate and request.task is None:
        raise ConfigError(f"--evaluate needs --task: no run names one for {request.policy.folder}.")
    if request.task is not None:
        try:
            return _shuffled(request.task, request.split, request.task_path, request.presentation)
        except (ValueError, OSError) as error:
            if request.evaluate:
                raise ConfigError(f"task {request.task} cannot be loaded: {error}") from error
            why = f"{request.task} cannot be loaded ({error})"
    else:
        why = "no run names a task"
    bundled = _shuffled(BUNDLED, "test", None, request.presentation)
    return Asked(bundled.examples, bundled.task, bundled.split, f"prompts of {BUNDLED}, because {why}")


def _shuffled(task: str, split: tasks.Split, path: str | None, how: Presentation) -> Asked:
    examples = tasks.load(task, split, path)
    if not examples:
        raise ValueError(f"its {split} split is empty")
    Random(0).shuffle(examples)
    return Asked(tuple(present(examples, how, task, path).examples), task, split)
