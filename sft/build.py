"""TRL's trainer as an SFT config asks for it, and the policy in it answering questions."""

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import ModelConfig, SFTConfig, get_quantization_config

from envs.example import Example
from envs.sql_env import SqlEnv
from policy import processes, torch_optimizers
from policy.callbacks import MetricsFile, Progress
from policy.config import Resolved
from policy.held_out import Examination, examine
from policy.load import hold_still, loading, policy_to_train, train_in_full
from policy.measures import Measures
from policy.model_fields import ModelFields
from policy.run_folder import RunFolder
from policy.token_count import CountGoesOn
from sft.adapter import adapter
from sft.config import SftRun
from sft.data import Lessons, rows
from sft.sft_fields import SftFields
from sft.trainer import AnsweringSFTTrainer

SHOWN = ("loss", "mean_token_accuracy", "grad_norm", "eval_loss", "eval_perplexity", "eval_execution_accuracy")
"""What the console tells of a step."""


def build(
    resolved: Resolved[SftRun],
    lessons: Lessons,
    env: SqlEnv,
    tokenizer: PreTrainedTokenizerBase,
    folder: RunFolder,
    measures: Measures,
) -> AnsweringSFTTrainer:
    """The trainer, ready to train."""
    run, model_config = resolved.own, _model_config(resolved)
    start = processes.from_first(lambda: policy_to_train(model_config, folder.path / "base"))
    callbacks: list[TrainerCallback] = [MetricsFile(folder), Progress(*SHOWN), measures]
    if run.early_stopping_patience is not None:
        callbacks.append(EarlyStoppingCallback(run.early_stopping_patience, run.early_stopping_threshold))
    trainer = AnsweringSFTTrainer(
        model=start,
        args=arguments(resolved, folder.checkpoints),
        train_dataset=Dataset.from_list(rows(lessons.train)),
        eval_dataset=Dataset.from_list(rows(lessons.validation)) if lessons.validation else None,
        processing_class=tokenizer,
        peft_config=adapter(resolved, tokenizer, start),
        quantization_config=get_quantization_config(model_config),
        callbacks=callbacks,
    )
    hold_still(trainer.model)
    train_in_full(trainer)
    torch_optimizers.use(trainer, resolved)
    trainer.add_callback(CountGoesOn(trainer))
    trainer.remove_callback(PrinterCallback)  # Progress says it in a line
    trainer.beside = {kind: Dataset.from_list(rows(some)) for kind, some in lessons.watched.items()}
    if lessons.answered:
        trainer.answer = lambda: answers(resolved, lessons.answered, env, trainer).accuracy()
    return trainer


def arguments(resolved: Resolved[SftRun], folder: Path) -> SFTConfig:
    """TRL's own config, as the lab's asks for it. Raises ValueError on what only TRL and transformers refuse."""
    metric = resolved["metric_for_best_model"]
    given = (
        resolved.given(SftFields)
        | torch_optimizers.told_to_trl(resolved)
        | {
            "output_dir": str(folder),
            "disable_tqdm": True,
            "report_to": "none",  # policy/tracking reports
            "chat_template_path": None,  # the tokenizer has it already
            "model_init_kwargs": loading(_model_config(resolved), resolved["model_init_kwargs"]),
            "restore_callback_states_from_checkpoint": True,  # early stopping goes on counting where it was
            "max_length": resolved["max_length"] if resolved["packing"] else None,  # nothing is left that would be cut
        }
    )
    if metric and given.get("greater_is_better") is None:
        given["greater_is_better"] = not metric.endswith(("loss", "perplexity", "entropy"))
    return SFTConfig(**given)


def _model_config(resolved: Resolved[SftRun]) -> ModelConfig:
    return ModelConfig(**resolved.given(ModelFields))


def answers(
    resolved: Resolved[SftRun], questions: Sequence[Example], env: SqlEnv, trainer: AnsweringSFTTrainer
) -> Examination:
    """The questions answered greedily by the policy as it is now."""
    with trainer.accelerator.autocast():  # the same arithmetic before and after, with an adapter and without
        return examine(
            trainer.accelerator.unwrap_model(trainer.model),
            trainer.processing_class,
            questions,
            env,
            resolved.own.prompt,
            resolved.own.max_new_tokens,
            resolved.own.answer_batch_size,
            resolved.own.chat_template_kwargs,
        )
