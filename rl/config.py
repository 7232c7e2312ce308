"""The configuration of `rl.grpo`: the lab's own few fields, beside every field of TRL's GRPOConfig and ModelConfig.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

import rewards
from envs import tasks
from envs.verdict import Mode
from policy import device, model_checks, stand_in
from policy.config import ConfigError, Resolved, read_config
from policy.config_error import did_you_mean
from policy.model_fields import ModelFields
from rl.checks import CHECKS, train_set_fills_a_generation
from rl.grpo_fields import GrpoFields

MODULE = "rl.grpo"


@dataclass(frozen=True)
class GrpoRun:
    """Train a policy by GRPO on rewards computed from executed SQL."""

    task: Annotated[str, "the questions and their databases, a file of envs/tasks/"]
    task_path: Annotated[str | None, "where the task's data lies, for a task that needs it"] = None
    train_size: Annotated[int | None, "train on the first N of the shuffled train split; null takes all"] = None
    held_out_split: Annotated[Literal["validation", "test"], "the split that is answered before and after"] = (
        "validation"
    )
    held_out_size: Annotated[int | None, "held-out questions, answered before and after; null takes all"] = 250
    rewards: Annotated[dict[str, float], "reward: weight, each a file of rewards/; weight 0 is logged only"] = field(
        default_factory=lambda: {"blended": 1.0}
    )
    comparison: Annotated[Mode, "the verdict that the rewards read"] = "strict"
    twins: Annotated[bool, "try every right answer on fuzzed copies of its database too"] = False
    prompt: Annotated[Literal["strict", "loose"], "ask for SQL alone, or let the policy think first"] = "strict"
    max_prompt_tokens: Annotated[int | None, "leave out questions whose prompt is longer; null keeps all"] = None
    sandbox_workers: Annotated[int, "processes that execute SQL"] = 2
    sql_timeout: Annotated[float, "seconds one query may take"] = 2.0
    stand_in: Annotated[
        Literal["auto", "never", "always"], "use configs/stand_in.yaml where the model, the data or a GPU is missing"
    ] = "auto"
    resume: Annotated[bool, "continue the run that its folder holds"] = False
    dry_run: Annotated[bool, "print what would run, and leave"] = False


def read(argv: Sequence[str]) -> Resolved[GrpoRun]:
    """The config a command line names, checked as it stands. Raises ConfigError; `--help` leaves with 0."""
    resolved = read_config(GrpoRun, argv, GrpoFields, ModelFields, module=MODULE)
    check(resolved)
    return resolved


def resolve(argv: Sequence[str]) -> Resolved[GrpoRun]:
    """`read`, then what the stand-in and the device change, checked again: what will run."""
    resolved = device.apply(stand_in.apply(read(argv)))
    check(resolved)
    return resolved


def check(resolved: Resolved[GrpoRun]) -> None:
    """Raises ConfigError with the first thing that cannot work."""
    run, values, given = resolved.own, resolved.values(), set(resolved.settings)
    complaints = (
        own_fields(run),
        rewards_are_known(run.rewards),
        model_checks.named(values),
        model_checks.lora_is_on(values, given),
        model_checks.quantised(values),
        model_checks.head_is_plain(values),
        model_checks.ranges(values),
    )
    complain(resolved, next((told for told in complaints if told), None))
    for ask in CHECKS:
        complain(resolved, ask(values))


def check_train_set(resolved: Resolved[GrpoRun], examples: int) -> None:
    """Call it with the number of training examples once they are loaded. Raises ConfigError when they are too few."""
    complain(resolved, train_set_fills_a_generation(resolved.values(), examples))


def complain(resolved: Resolved[GrpoRun], sentence: str | None) -> None:
    if sentence:
        raise ConfigError(f"{resolved.path}: {sentence}")


def own_fields(run: GrpoRun) -> str | None:
    """What the lab's own fields must satisfy beyond their types, rewards aside."""
    if run.task not in tasks.NAMES:
        hint = did_you_mean(run.task, tasks.NAMES)
        return f"there is no task named {run.task!r}; envs/tasks/ has {', '.join(tasks.NAMES)}.{hint}"
    if run.task_path is not None and not Path(run.task_path).expanduser().exists():
        return f"task_path is {run.task_path!r}, and nothing is there. Write the path of the data of {run.task}."
    for key in ("train_size", "held_out_size", "max_prompt_tokens", "sandbox_workers"):
        value = getattr(run, key)
        if value is not None and value < 1:
            return f"{key} is {value}; it must be at least 1{'' if key == 'sandbox_workers' else ', or null'}."
    if not 0 < run.sql_timeout <= 600:
        return f"sql_timeout is {run.sql_timeout:g}; it must be above 0 and at most 600 seconds."
    return None


def rewards_are_known(weights: dict[str, float]) -> str | None:
    listed = ", ".join(rewards.NAMES)
    for name, weight in weights.items():
        if name not in rewards.NAMES:
            return f"there is no reward named {name!r}; rewards/ has {listed}.{did_you_mean(name, rewards.NAMES)}"
        if not isfinite(weight):
            return f"rewards.{name} is {weight}; a weight must be a finite number."
    if not any(weights.values()):
        shown = ", ".join(f"{name}: {weight:g}" for name, weight in weights.items())
        return (
            f"rewards {{{shown}}} weigh nothing, so nothing would be learned. Give one a weight, such as blended: 1.0."
        )
    return None
