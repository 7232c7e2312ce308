"""GRPO on a text-to-SQL task (Shao et al., 2024, arXiv:2402.03300), with TRL's trainer and rewards from executed SQL.

    python -m rl.grpo --config configs/grpo_lr1e6.yaml
    python -m rl.grpo --config configs/grpo_lr1e6.yaml --dry_run
    python -m rl.grpo --config configs/grpo_seedling.yaml --learning_rate 3e-5 --seed 2

Held-out questions are answered greedily before and after; every rollout of the run is kept. The loss is TRL's `dapo`
unless the config says otherwise, which is not the paper's.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envs.sandbox import unconfined
from envs.sql_env import SqlEnv
from policy.config import Resolved, exit_with_sentence
from policy.notice import notice
from policy.questions import Questions, admit, environment, load_splits
from rl.config import GrpoRun, check_train_set, resolve

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.held_out import Examination
    from policy.run_folder import RunFolder
    from rl.trainer import RecordingGRPOTrainer

SHOWN = ("reward", "rewards/execution_match/mean", "frac_reward_zero_std", "completions/mean_length", "kl", "grad_norm")
"""What the console tells of a step."""


def main(argv: Sequence[str]) -> None:
    resolved = resolve(argv)
    if told := notice(resolved):
        print(told, flush=True)
    run = resolved.own
    splits = load_splits(run, resolved["seed"])
    check_train_set(resolved, len(splits.train))
    with environment(run, (*splits.train, *splits.held_out, *splits.rest)) as env:
        tokenizer = _tokenizer(resolved)
        from policy.chat import prompt_text, tokens_of

        template = resolved["chat_template_kwargs"]
        questions = admit(
            env.admit(),
            splits.train,
            splits.held_out,
            lambda example: len(tokens_of(tokenizer, prompt_text(tokenizer, example, run.prompt, template))),
            run.max_prompt_tokens,
        )
        print(questions.summary(), flush=True)
        if splits.sampled:
            print(splits.sampled.markdown(), flush=True)
        if told := unconfined(env.confinement):
            print(told, flush=True)
        check_train_set(resolved, len(questions.train))
        if run.dry_run:
            from rl.dry_run import show

            show(resolved, questions, env, tokenizer)
            return
        _run(resolved, questions, env, tokenizer)


def _tokenizer(resolved: Resolved[GrpoRun]) -> "PreTrainedTokenizerBase":
    from policy.load import load_tokenizer

    return load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])


def _run(resolved: Resolved[GrpoRun], questions: Questions, env: SqlEnv, tokenizer: "PreTrainedTokenizerBase") -> None:
    from policy.checkpoints import go_on
    from policy.report import compare
    from policy.run_folder import describe_machine, open_run

    run = resolved.own
    folder = open_run(Path(resolved["output_dir"]), resolved.to_yaml(), run.resume)
    folder.write_environment(
        describe_machine()
        | {"stand_in": resolved.stand_in, "questions": questions.summary(), "sandbox": env.confinement}
    )
    checkpoint = go_on(folder) if run.resume else None
    if not run.resume:
        questions.write_quarantine(folder.path / "quarantine.jsonl")
    trainer = build(resolved, questions, env, tokenizer, folder)
    before = _examine("before", resolved, questions, env, trainer, folder)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if trainer.state.global_step == 0:
        raise RuntimeError("the trainer took no step: nothing was learned, so there is nothing to report")
    trainer.save_model(str(folder.policy))
    tokenizer.save_pretrained(folder.policy)
    after = _examine("after", resolved, questions, env, trainer, folder)
    compare(resolved, questions, before, after, folder, (), {"steps": trainer.state.global_step})


def build(
    resolved: Resolved[GrpoRun],
    questions: Questions,
    env: SqlEnv,
    tokenizer: "PreTrainedTokenizerBase",
    folder: "RunFolder",
) -> "RecordingGRPOTrainer":
    """The trainer, ready to train."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import GRPOConfig, ModelConfig, get_peft_config, get_quantization_config

    from envs.prompt import messages
    from policy.callbacks import MetricsFile, Progress
    from policy.load import hold_still, loading, policy_to_train
    from policy.model_fields import ModelFields
    from rl.grpo_fields import GrpoFields
    from rl.reward_adapter import Judges
    from rl.trainer import RecordingGRPOTrainer

    run = resolved.own
    model_config = ModelConfig(**resolved.given(ModelFields))
    given = resolved.given(GrpoFields) | {
        "output_dir": str(folder.checkpoints),
        "reward_weights": list(run.rewards.values()),
        "disable_tqdm": True,
        "model_init_kwargs": loading(model_config, resolved["model_init_kwargs"]),
    }
    judges = Judges(env, run.rewards)
    rows: list[dict[str, Any]] = [
        {"prompt": messages(example, run.prompt), "example_id": example.id} for example in questions.train
    ]
    trainer = RecordingGRPOTrainer(
        model=policy_to_train(model_config, folder.path / "base"),
        reward_funcs=judges.functions(),
        args=GRPOConfig(**given),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=get_peft_config(model_config),
        quantization_config=get_quantization_config(model_config),
        callbacks=[MetricsFile(folder), Progress(*SHOWN)],
    )
    hold_still(trainer.model)
    trainer.remove_callback(PrinterCallback)  # Progress says it in a line
    trainer.judges, trainer.rollout_folder = judges, folder.rollouts
    return trainer


def _examine(
    name: str,
    resolved: Resolved[GrpoRun],
    questions: Questions,
    env: SqlEnv,
    trainer: "RecordingGRPOTrainer",
    folder: "RunFolder",
) -> "Examination":
    """Answer the held-out questions greedily with the policy as it is now, and keep the answers."""
    from policy.held_out import examine

    print(f"answering {len(questions.held_out):,} held-out questions greedily, {name} training ...", flush=True)
    with trainer.accelerator.autocast():  # the same arithmetic before and after
        found = examine(
            trainer.accelerator.unwrap_model(trainer.model),
            trainer.processing_class,
            questions.held_out,
            env,
            resolved.own.prompt,
            resolved["max_completion_length"],
            resolved.own.answer_batch_size,
            resolved["chat_template_kwargs"],
        )
    found.save(folder.evaluations / f"{name}.jsonl", {"stand_in": resolved.stand_in, "decoding": "greedy"})
    return found


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
