"""TRL's trainer as an RL config asks for it, and the policy in it answering questions."""

from collections.abc import Sequence
from typing import Any

import trl
from datasets import Dataset
from transformers import (
    EarlyStoppingCallback,
    PreTrainedTokenizerBase,
    PrinterCallback,
    TrainerCallback,
)

import rl.trainer
from envs.example import Example
from envs.prompt import messages
from envs.sql_env import SqlEnv
from policy import processes, torch_optimizers
from policy.callbacks import LogBeforeSave, MetricsFile, Progress
from policy.chat import prompt_text, stop_tokens
from policy.config import ConfigError, Resolved
from policy.held_out import Examination, examine
from policy.load import hold_still, loading, policy_to_train, train_in_full
from policy.model_fields import ModelFields
from policy.questions import Questions
from policy.rollouts import Rollouts
from policy.run_folder import RunFolder
from policy.thoughts import opened
from rl.config import Algorithm, GrpoRun
from rl.health.watch import Watch
from rl.node_reward_model import reward_model_beside
from rl.reward_adapter import Judges
from rl.trainer import LabOverrides
from rl.turns import allowance, with_turns
from rl.vllm_generation import sampling_as_asked
from rl.whole_policy import sharded, whole_policy

SHOWN = (
    "reward",
    "rewards/execution_match/mean",
    "sql/tied",
    "completions/mean_length",
    "kl",
    "grad_norm",
    "eval_execution_accuracy",
)
"""What the console tells of a step."""


def build(
    resolved: Resolved[GrpoRun],
    algorithm: Algorithm,
    questions: Questions,
    env: SqlEnv,
    tokenizer: PreTrainedTokenizerBase,
    folder: RunFolder,
) -> LabOverrides:
    """The trainer, ready to train."""
    run = resolved.own
    model_config = trl.ModelConfig(**resolved.given(ModelFields))
    asked = prompt_text(tokenizer, questions.train[0], run.prompt, resolved["chat_template_kwargs"])
    judges = Judges(env, run.rewards, opened(asked))
    callbacks: list[TrainerCallback] = [LogBeforeSave(), MetricsFile(folder), Progress(*SHOWN)]
    callbacks.append(Watch(folder, run.max_unscored_share, run.stop_when_ill))  # after MetricsFile, before the trackers
    if run.early_stopping_patience is not None:
        callbacks.append(EarlyStoppingCallback(run.early_stopping_patience, run.early_stopping_threshold))
    trainer: LabOverrides = sampling_as_asked(resolved, getattr(rl.trainer, algorithm.trainer))(
        model=processes.from_first(lambda: policy_to_train(model_config, folder.path / "base")),
        reward_funcs=judges.functions(),
        args=arguments(resolved, algorithm, folder, model_config),
        train_dataset=_rows(questions.train, run),
        eval_dataset=_rows(questions.validation, run) if questions.validation else None,
        processing_class=tokenizer,
        peft_config=trl.get_peft_config(model_config),
        quantization_config=trl.get_quantization_config(model_config),
        callbacks=callbacks,
        **with_turns(resolved, env, tokenizer),
    )
    hold_still(trainer.model)
    train_in_full(trainer)
    torch_optimizers.use(trainer, resolved)
    stop_as_examined(trainer)
    trainer.remove_callback(PrinterCallback)  # Progress says it in a line
    trainer.judges = judges
    if run.reward_model_path is not None:
        judges.rate = reward_model_beside(trainer, run.reward_model_path).rate
    trainer.rollouts = Rollouts(folder.rollouts, trainer.accelerator.process_index)
    trainer.answers_folder = folder.evaluations
    if questions.validation:
        trainer.answer = lambda: answers(resolved, questions.validation, env, trainer)
    return trainer


def stop_as_examined(trainer: LabOverrides) -> None:
    """End completions in training at every token that ends an answer when it is examined. TRL (1.16) knows those of the
    tokenizer and of the model's generation config alone, and a base model's are not what the chat template that it was
    taught with writes after an answer."""
    trainer.eos_token_ids = stop_tokens(trainer.processing_class, trainer.model)
    if not trainer.use_vllm:
        trainer.generation_config.eos_token_id = trainer.eos_token_ids
        trainer.generation_kwargs["eos_token_id"] = trainer.eos_token_ids


def arguments(
    resolved: Resolved[GrpoRun], algorithm: Algorithm, folder: RunFolder, model_config: trl.ModelConfig
) -> Any:
    """TRL's own config, as the lab's asks for it. Raises ConfigError on what only TRL and transformers refuse."""
    given = (
        resolved.given(algorithm.fields)
        | torch_optimizers.told_to_trl(resolved)
        | {
            "output_dir": str(folder.checkpoints),
            "reward_weights": list(resolved.own.rewards.values()),
            "disable_tqdm": True,
            "report_to": "none",  # policy/tracking reports
            "model_init_kwargs": loading(model_config, resolved["model_init_kwargs"]),
            "restore_callback_states_from_checkpoint": True,  # early stopping goes on counting where it was
            "num_generations_eval": 1,  # an evaluation answers once, greedily
        }
    )
    if given.get("metric_for_best_model") and given.get("greater_is_better") is None:
        given["greater_is_better"] = True
    try:
        return getattr(trl, algorithm.arguments)(**given)
    except (ValueError, KeyError, ImportError) as error:
        raise ConfigError(f"{resolved.path}: {error}") from error


def _rows(examples: Sequence[Example], run: GrpoRun) -> Dataset:
    return Dataset.from_list(
        [{"prompt": messages(example, run.prompt, run.max_turns), "example_id": example.id} for example in examples]
    )


def answers(
    resolved: Resolved[GrpoRun], questions: Sequence[Example], env: SqlEnv, trainer: LabOverrides
) -> Examination:
    """The questions answered greedily by the policy as it is now. Call it in every process."""
    with trainer.accelerator.autocast(), whole_policy(trainer) as policy:  # the same arithmetic before and after
        return examine(
            policy,
            trainer.processing_class,
            questions,
            env,
            resolved.own.prompt,
            resolved["max_completion_length"],
            resolved.own.answer_batch_size,
            resolved["chat_template_kwargs"],
            allowance(resolved),
            split=not sharded(trainer),
        )
