"""TRL's trainer as a DPO config asks for it, and the policy in it answering questions."""

from collections.abc import Sequence
from pathlib import Path

import trl
from datasets import Dataset, disable_progress_bars
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback

from envs.example import Example
from envs.sql_env import SqlEnv
from policy import torch_optimizers
from policy.callbacks import LogBeforeSave, MetricsFile, Progress
from policy.config import ConfigError, Resolved
from policy.held_out import Examination, examine
from policy.load import hold_still, loading, policy_to_train, train_in_full
from policy.model_fields import ModelFields
from policy.questions import Questions
from policy.run_folder import RunFolder
from policy.token_count import CountGoesOn
from rl.dpo.config import DpoRun
from rl.dpo.data import Taught
from rl.dpo.trainer import LabDPOTrainer
from rl.dpo_fields import DpoFields
from rl.health.watch import Watch
from rl.whole_policy import whole_policy

SHOWN = (
    *("loss", "rewards/accuracies", "rewards/margins", "logps/chosen", "grad_norm"),
    *("eval_loss", "eval_rewards/accuracies", "eval_rewards/margins", "eval_execution_accuracy"),
)
"""What the console tells of a step."""


def build(
    resolved: Resolved[DpoRun],
    taught: Taught,
    questions: Questions,
    env: SqlEnv,
    tokenizer: PreTrainedTokenizerBase,
    folder: RunFolder,
) -> LabDPOTrainer:
    """The trainer, ready to train."""
    run, model_config = resolved.own, _model_config(resolved)
    disable_progress_bars()  # of tables that are written in a moment; TRL's own bar of the reference stays
    callbacks: list[TrainerCallback] = [LogBeforeSave(), MetricsFile(folder), Progress(*SHOWN)]
    callbacks.append(Watch(folder, 1.0, run.stop_when_ill))  # after MetricsFile, before the trackers
    if run.early_stopping_patience is not None:
        callbacks.append(EarlyStoppingCallback(run.early_stopping_patience, run.early_stopping_threshold))
    trainer = LabDPOTrainer(
        model=policy_to_train(model_config, folder.path / "base"),
        args=arguments(resolved, folder.checkpoints),
        train_dataset=Dataset.from_list([dict(row) for row in taught.train]),
        eval_dataset=Dataset.from_list([dict(row) for row in taught.validation]) if taught.validation else None,
        processing_class=tokenizer,
        peft_config=trl.get_peft_config(model_config),
        quantization_config=trl.get_quantization_config(model_config),
        callbacks=callbacks,
    )
    hold_still(trainer.model)
    train_in_full(trainer)
    torch_optimizers.use(trainer, resolved)
    trainer.add_callback(CountGoesOn(trainer))
    trainer.remove_callback(PrinterCallback)  # Progress says it in a line
    trainer.answers_folder = folder.evaluations
    if questions.validation:
        trainer.answer = lambda: answers(resolved, questions.validation, env, trainer)
    return trainer


def arguments(resolved: Resolved[DpoRun], folder: Path) -> trl.DPOConfig:
    """TRL's own config, as the lab's asks for it. Raises ConfigError on what only TRL and transformers refuse."""
    given = (
        resolved.given(DpoFields)
        | torch_optimizers.told_to_trl(resolved)
        | {
            "output_dir": str(folder),
            "disable_tqdm": True,
            "report_to": "none",  # policy/tracking reports
            "model_init_kwargs": loading(_model_config(resolved), resolved["model_init_kwargs"]),
            "restore_callback_states_from_checkpoint": True,  # early stopping goes on counting where it was
            "max_length": None,  # nothing is left that would be cut
        }
    )
    if given.get("metric_for_best_model") and given.get("greater_is_better") is None:
        given["greater_is_better"] = True
    try:
        return trl.DPOConfig(**given)
    except (ValueError, KeyError, ImportError) as error:
        raise ConfigError(f"{resolved.path}: {error}") from error


def _model_config(resolved: Resolved[DpoRun]) -> trl.ModelConfig:
    return trl.ModelConfig(**resolved.given(ModelFields))


def answers(
    resolved: Resolved[DpoRun], questions: Sequence[Example], env: SqlEnv, trainer: LabDPOTrainer
) -> Examination:
    """The questions answered greedily by the policy as it is now."""
    run = resolved.own
    with trainer.accelerator.autocast(), whole_policy(trainer) as policy:  # the same arithmetic before and after
        return examine(
            policy,
            trainer.processing_class,
            questions,
            env,
            run.prompt,
            run.max_completion_length,
            run.answer_batch_size,
            run.chat_template_kwargs,
        )
