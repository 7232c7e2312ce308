"""The configuration of `rl.grpo` and its kin: the lab's own few fields, beside every field of TRL's config classes.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Annotated

import rewards
from policy import device, stand_in
from policy.config import ConfigError, Resolved, read_config
from policy.config_error import did_you_mean
from policy.model_fields import ModelFields
from policy.task_fields import TaskFields
from policy.training_checks import of_task_and_model
from rl.checks import CHECKS, train_set_fills_a_generation
from rl.grpo_fields import GrpoFields
from rl.learned_checks import reward_model_is_there
from rl.resume_checks import epochs_end_between_generations
from rl.vllm_checks import vllm_is_here


@dataclass(frozen=True)
class Algorithm:
    """One RL trainer: its command, the table of its keys, and by name TRL's config class and the trainer's class in
    rl/trainer.py, which are imported only when it trains."""

    module: str
    fields: type
    arguments: str
    trainer: str


GRPO = Algorithm("rl.grpo", GrpoFields, arguments="GRPOConfig", trainer="LabGRPOTrainer")


@dataclass(frozen=True)
class GrpoRun(TaskFields):
    """Train a policy by GRPO on rewards computed from executed SQL."""

    rewards: Annotated[dict[str, float], "reward: weight, each a file of rewards/; weight 0 is logged only"] = field(
        default_factory=lambda: {"blended": 1.0}
    )
    reward_model_path: Annotated[
        str | None, "the folder of a learned reward model (runs/reward_model), for rewards that ask it: reward_model"
    ] = None
    validation_size: Annotated[
        int | None, "validation questions answered greedily every eval_steps, when eval_strategy is on; null takes all"
    ] = 100
    early_stopping_patience: Annotated[
        int | None, "stop after so many evaluations without a better metric_for_best_model; null never stops"
    ] = None
    early_stopping_threshold: Annotated[float, "by how much a metric must move to be better"] = 0.0
    max_turns: Annotated[int, "queries the policy may write, reading what each returns; 1 answers at once"] = 1
    observation_tokens: Annotated[
        int | None, "the longest text that is read after a query; null is a quarter of max_completion_length"
    ] = None
    pass_rates: Annotated[str | None, "train only on what this file of rl.curriculum says is worth it"] = None
    keep_pass_rate: Annotated[
        list[float | None], "keep questions whose pass rate lies between these, neither end kept; null is no end"
    ] = field(default_factory=lambda: [0.0, 1.0])
    other_pass_rates: Annotated[bool, "use pass_rates of another policy, prompt or temperature all the same"] = False
    sampler_gap_limit: Annotated[
        float | None, "nats from vLLM's to the trainer's log-probs that stop a run; null: 1e-4, or 0.1 if half"
    ] = None
    stop_when_ill: Annotated[
        bool, "stop when held-out accuracy collapses, the loss is not a number, or rewards fail; false only tells"
    ] = True
    max_unscored_share: Annotated[float, "of completions that may go unscored before a run counts as ill"] = 0.5
    drop_settled: Annotated[
        int | None, "let questions rest that were all right or all wrong for N epochs, and ask others in their place"
    ] = None


def read(argv: Sequence[str], algorithm: Algorithm = GRPO) -> Resolved[GrpoRun]:
    """The config a command line names, checked as it stands. Raises ConfigError; `--help` leaves with 0."""
    resolved = read_config(GrpoRun, argv, algorithm.fields, ModelFields, module=algorithm.module)
    check(resolved)
    return resolved


def resolve(argv: Sequence[str], algorithm: Algorithm = GRPO) -> Resolved[GrpoRun]:
    """`read`, then what the stand-in and the device change, checked again: what will run."""
    resolved = device.apply(stand_in.apply(read(argv, algorithm)))
    check(resolved)
    complain(resolved, vllm_is_here(resolved.values()))
    complain(resolved, reward_model_is_there(resolved.values()))
    return resolved


def check(resolved: Resolved[GrpoRun]) -> None:
    """Raises ConfigError with the first thing that cannot work."""
    run, values, given = resolved.own, resolved.values(), set(resolved.settings)
    complaints = (
        rewards_are_known(run.rewards),
        share_is_one(run.max_unscored_share),
        *of_task_and_model(run, values, given),
    )
    complain(resolved, next((told for told in complaints if told), None))
    for ask in CHECKS:
        complain(resolved, ask(values))


def check_train_set(resolved: Resolved[GrpoRun], examples: int) -> None:
    """Call it with the number of training examples once they are loaded. Raises ConfigError when they do not fit."""
    complain(resolved, train_set_fills_a_generation(resolved.values(), examples))
    complain(resolved, epochs_end_between_generations(resolved.values(), examples))


def complain(resolved: Resolved[GrpoRun], sentence: str | None) -> None:
    if sentence:
        raise ConfigError(f"{resolved.path}: {sentence}")


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


def share_is_one(max_unscored_share: float) -> str | None:
    if 0 <= max_unscored_share <= 1:
        return None
    return f"max_unscored_share is {max_unscored_share:g}; it is a share of the completions, from 0 to 1."
