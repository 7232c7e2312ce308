"""The keys of a search's config, `configs/search_NAME.yaml`. Importing this imports neither torch nor Optuna."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal


@dataclass(frozen=True)
class SearchFields:
    """Search the keys of a config on validation: every trial a process of its own, in stages of more and more data."""

    config: Annotated[str, "the config whose keys are searched, configs/sft_lora_r16.yaml"]
    space: Annotated[
        dict[str, dict[str, Any]],
        "key of that config: {choices: [...]}, {low: 1e-5, high: 1e-3, log: true} or {low: 4, high: 64, step: 4}",
    ]
    stages: Annotated[
        list[dict[str, Any]],
        "each {trials: N} with train_size, max_steps or num_train_epochs; N of a later one is how many go on to it",
    ]
    fixed: Annotated[dict[str, Any], "keys of that config that hold for every trial, {report_to: wandb}"] = field(
        default_factory=dict
    )
    metric: Annotated[
        Literal["execution_accuracy", "eval_loss"],
        "what is best: greedy answers to held-out validation questions, or the last loss on validation answers",
    ] = "execution_accuracy"
    sampler: Annotated[Literal["tpe", "random", "grid"], "how the trials of the first stage are drawn"] = "tpe"
    pruner: Annotated[Literal["median", "hyperband", "none"], "what stops a trial that falls behind"] = "none"
    evaluations: Annotated[int, "how often a trial is asked on the way, for the pruner and for eval_loss"] = 4
    watched_questions: Annotated[int, "validation questions that are answered then, other than the held-out ones"] = 100
    storage: Annotated[
        str | None,
        "where trials are told: a .journal or .db file, or sqlite:// or another URL; null is OUTPUT_DIR/search.journal",
    ] = None
    output_dir: Annotated[str | None, "folder of the trials and the report; null is runs/NAME of the config"] = None
    seed: Annotated[int, "of the draws; the trials train with the seed of their own config"] = 0
    sweep: Annotated[str | None, "write this file, a W&B sweep over the same space, and leave"] = None
    dry_run: Annotated[bool, "print space, stages and number of trainings, and leave"] = False
