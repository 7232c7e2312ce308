"""The configuration of `rl.dpo`: the lab's own few fields, beside every field of TRL's DPOConfig and ModelConfig.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from policy import device, stand_in
from policy.config import ConfigError, Resolved, read_config
from policy.model_fields import ModelFields
from policy.task_fields import TaskFields
from policy.training_checks import of_task_and_model
from rl.checks import evaluation_can_choose
from rl.dpo.checks import CHECKS
from rl.dpo_fields import DpoFields
from rl.pair_checks import one_process
from rl.resume_checks import checkpoints_hold_the_run

MODULE = "rl.dpo"


@dataclass(frozen=True)
class DpoRun(TaskFields):
    """Teach a policy to prefer right answers to wrong ones, by DPO and its family, on execution-verified pairs."""

    pairs: Annotated[
        list[str] | None, "files of rl.pairs; null makes typed corruptions of the task's train golds for this run"
    ] = None
    corruptions_each: Annotated[int, "corruptions of one gold at most, where pairs is null"] = 2
    validation_share: Annotated[float, "of the pairs, whole databases, held out to measure how they are ordered"] = 0.1
    validation_size: Annotated[
        int | None, "validation questions answered greedily every eval_steps, when eval_strategy is on; null takes all"
    ] = 100
    max_completion_length: Annotated[int, "tokens an answer may have when questions are answered"] = 256
    chat_template_kwargs: Annotated[
        dict[str, Any] | None, "what the chat template is told, {enable_thinking: false}"
    ] = None
    early_stopping_patience: Annotated[
        int | None, "stop after so many evaluations without a better metric_for_best_model; null never stops"
    ] = None
    early_stopping_threshold: Annotated[float, "by how much a metric must move to be better"] = 0.0
    stop_when_ill: Annotated[
        bool, "stop when held-out accuracy collapses, or the loss is not a number; false only tells"
    ] = True


def read(argv: Sequence[str]) -> Resolved[DpoRun]:
    """The config a command line names, checked as it stands. Raises ConfigError; `--help` leaves with 0."""
    resolved = read_config(DpoRun, argv, DpoFields, ModelFields, module=MODULE)
    check(resolved)
    return resolved


def resolve(argv: Sequence[str]) -> Resolved[DpoRun]:
    """`read`, then what the stand-in and the device change, checked again: what will run."""
    resolved = device.apply(stand_in.apply(read(argv)))
    check(resolved)
    return resolved


def check(resolved: Resolved[DpoRun]) -> None:
    """Raises ConfigError with the first thing that cannot work."""
    values, given = resolved.values(), set(resolved.settings)
    complaints = (
        *of_task_and_model(resolved.own, values, given),
        *(ask(values, given) for ask in CHECKS),
        one_process(MODULE),
        evaluation_can_choose(values),
        checkpoints_hold_the_run(values),
    )
    if told := next((told for told in complaints if told), None):
        raise ConfigError(f"{resolved.path}: {told}")
