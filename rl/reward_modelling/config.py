"""The configuration of `rl.reward_model`: the lab's own few fields, beside every field of TRL's RewardConfig and
ModelConfig.

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
from rl.pair_checks import one_process
from rl.resume_checks import checkpoints_hold_the_run
from rl.reward_fields import RewardFields
from rl.reward_modelling.checks import CHECKS

MODULE = "rl.reward_model"
CORRUPTIONS = 4
"""A gold, where there are no other pairs and nothing says how many."""


@dataclass(frozen=True)
class RewardRun(TaskFields):
    """Train a model to tell right queries from wrong ones, on pairs that were executed."""

    pairs: Annotated[list[str] | None, "files of rl.pairs to train on; null trains on corruptions alone"] = None
    corruptions_each: Annotated[
        int | None, "typed corruptions of each gold of the train split to train on; null: 4 without pairs, else none"
    ] = None
    pairs_together: Annotated[
        int,
        "pairs of one question that are read with its prompt once; a batch then counts such rows; 1 reads each alone",
    ] = 8
    log_prob_prior: Annotated[
        bool,
        "the head adds to what the policy it began as thinks of a query, its log-probability times a fitted weight",
    ] = False
    validation_share: Annotated[float, "of the pairs, whole databases, to watch the training by; 0 for none"] = 0.1
    test_pairs: Annotated[
        list[str] | None, "files of rl.pairs to report on; null makes corruptions of held-out golds"
    ] = None
    test_corruptions: Annotated[int, "of each held-out gold, to report on where there are no test_pairs"] = 8
    samples: Annotated[str | None, "a policy's answers to held-out questions, to hold the model against"] = None
    scores: Annotated[str | None, "what eval.score said of these samples"] = None
    log_prob_baseline: Annotated[
        bool, "report beside it how well the log-probability of the policy that it began as tells right from wrong"
    ] = True
    early_stopping_patience: Annotated[
        int | None, "stop after so many evaluations without a better metric_for_best_model; null never stops"
    ] = None
    early_stopping_threshold: Annotated[float, "by how much a metric must move to be better"] = 0.0
    stop_when_ill: Annotated[bool, "stop when the loss is not a number; false only tells"] = True
    chat_template_kwargs: Annotated[
        dict[str, Any] | None, "what the chat template is told, {enable_thinking: false}"
    ] = None


def read(argv: Sequence[str]) -> Resolved[RewardRun]:
    """The config a command line names, checked as it stands. Raises ConfigError; `--help` leaves with 0."""
    resolved = read_config(RewardRun, argv, RewardFields, ModelFields, module=MODULE)
    check(resolved)
    return resolved


def resolve(argv: Sequence[str]) -> Resolved[RewardRun]:
    """`read`, then what the stand-in and the device change, checked again: what will run."""
    resolved = device.apply(stand_in.apply(read(argv)))
    check(resolved)
    return resolved


def check(resolved: Resolved[RewardRun]) -> None:
    """Raises ConfigError with the first thing that cannot work."""
    run, values, given = resolved.own, resolved.values(), set(resolved.settings)
    complaints = (
        *of_task_and_model(run, values, given),
        *(ask(values, given) for ask in CHECKS),
        one_process(MODULE),
        checkpoints_hold_the_run(values),
    )
    told = next((told for told in complaints if told), None)
    if told:
        raise ConfigError(f"{resolved.path}: {told}")


def how_many_corruptions(run: RewardRun) -> int:
    """How many corruptions of each train gold are trained on."""
    if run.corruptions_each is not None:
        return run.corruptions_each
    return 0 if run.pairs else CORRUPTIONS
