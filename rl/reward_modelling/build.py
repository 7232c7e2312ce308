"""TRL's reward trainer as a config asks for it: one scalar head on the policy's own weights."""

from collections.abc import Sequence

import torch
from datasets import Dataset
from torch import nn
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import ModelConfig, RewardConfig, get_peft_config, get_quantization_config

from policy import torch_optimizers
from policy.branches import kept_apart
from policy.callbacks import LogBeforeSave, MetricsFile, Progress
from policy.config import ConfigError, Resolved
from policy.load import hold_still, loading, policy_to_train, train_in_full
from policy.model_fields import ModelFields
from policy.run_folder import RunFolder
from policy.token_count import CountGoesOn
from rl.health.watch import Watch
from rl.pairs.pair import Pair
from rl.reward_fields import RewardFields
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.data import Ids, Lessons
from rl.reward_modelling.prior import Prior
from rl.reward_modelling.together import Together, rows
from rl.reward_modelling.trainer import LabRewardTrainer

SHOWN = ("loss", "accuracy", "margin", "grad_norm", "eval_loss", "eval_accuracy", "eval_margin")
"""What the console tells of a step."""


def build(
    resolved: Resolved[RewardRun],
    lessons: Lessons,
    tokenizer: PreTrainedTokenizerBase,
    folder: RunFolder,
    prior: Prior | None = None,
) -> LabRewardTrainer:
    """The trainer, ready to train."""
    run, model_config = resolved.own, model_config_of(resolved)
    branching = run.pairs_together > 1 or prior is not None
    callbacks: list[TrainerCallback] = [LogBeforeSave(), MetricsFile(folder), Progress(*SHOWN)]
    callbacks.append(Watch(folder, 1.0, run.stop_when_ill))  # after MetricsFile, before the trackers
    if run.early_stopping_patience is not None:
        callbacks.append(EarlyStoppingCallback(run.early_stopping_patience, run.early_stopping_threshold))
    trainer = LabRewardTrainer(
        model=policy_to_train(model_config, folder.path / "base"),
        args=arguments(resolved, folder),
        train_dataset=_rows(lessons.train, lessons.preferences.train, run.pairs_together, branching, prior),
        eval_dataset=_rows(lessons.validation, lessons.preferences.validation, run.pairs_together, branching, prior)
        if lessons.validation
        else None,
        processing_class=tokenizer,
        data_collator=Together(tokenizer.pad_token_id) if branching else None,
        peft_config=get_peft_config(model_config),
        quantization_config=get_quantization_config(model_config),
        callbacks=callbacks,
    )
    hold_still(trainer.model)
    train_in_full(trainer)
    torch_optimizers.use(trainer, resolved)
    if (resolved["load_in_4bit"] or resolved["load_in_8bit"]) and not (trainer.args.bf16 or trainer.args.fp16):
        head_in(trainer.model, resolved["dtype"])
    longest = max(len(ids) for one in lessons.train for ids in one.values())
    if branching and not kept_apart(trainer.model, longest):  # an evaluation: four-bit weights are held still by now
        raise ConfigError(
            f"{resolved.path}: {resolved['model_name_or_path']} does not read answers of one row apart (it passes on a "
            "state, or sees a window). Write pairs_together: 1, log_prob_prior: false"
        )
    trainer.add_callback(CountGoesOn(trainer))
    trainer.remove_callback(PrinterCallback)  # Progress says it in a line
    return trainer


def head_in(model: nn.Module, dtype: str) -> None:
    """The head in the precision of what it reads, without autocast. TRL (1.16) puts all that is trained on quantised
    weights in bfloat16: adapters turn what they read into theirs, and a head does not."""
    for name, weight in model.named_parameters():
        if weight.requires_grad and "modules_to_save" in name:
            weight.data = weight.data.to(getattr(torch, dtype))


def model_config_of(resolved: Resolved[RewardRun]) -> ModelConfig:
    """With the task by which peft trains the head whole and saves it beside its adapters."""
    return ModelConfig(**resolved.given(ModelFields), lora_task_type="SEQ_CLS")


def arguments(resolved: Resolved[RewardRun], folder: RunFolder) -> RewardConfig:
    """TRL's own config, as the lab's asks for it. Raises ConfigError on what only TRL and transformers refuse."""
    metric = resolved["metric_for_best_model"]
    given = (
        resolved.given(RewardFields)
        | torch_optimizers.told_to_trl(resolved)
        | {
            "output_dir": str(folder.checkpoints),
            "disable_tqdm": True,
            "report_to": "none",  # policy/tracking reports
            "max_length": None,  # nothing is left that would be left out
            "model_init_kwargs": loading(model_config_of(resolved), resolved["model_init_kwargs"]),
            "restore_callback_states_from_checkpoint": True,  # early stopping goes on counting where it was
        }
    )
    if metric and given.get("greater_is_better") is None:
        given["greater_is_better"] = not metric.endswith("loss")
    try:
        return RewardConfig(**given)
    except (ValueError, KeyError, ImportError) as error:
        raise ConfigError(f"{resolved.path}: {error}") from error


def _rows(ids: Sequence[Ids], pairs: Sequence[Pair], together: int, branching: bool, prior: Prior | None) -> Dataset:
    if not branching:
        return Dataset.from_list([dict(one) for one in ids])
    known = prior.of(pairs) if prior else [{} for _ in pairs]
    both = [{**one, **more} for one, more in zip(ids, known, strict=True)]
    return Dataset.from_list(rows(both, [pair.example for pair in pairs], together))
