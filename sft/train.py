"""Supervised fine-tuning on a text-to-SQL task with TRL's trainer: full, LoRA, QLoRA or prompt tuning, one command.

    python -m sft.train --config configs/sft_lora_r16.yaml
    python -m sft.train --config configs/sft_lora_r16.yaml --dry_run
    python -m sft.train --config configs/sft_lora_r16.yaml --dry_run --device_memory 6    # does it fit 6 GiB?
    accelerate launch --config_file configs/accelerate/cpu2.yaml -m sft.train --config configs/sft_seedling_full.yaml
    python -m sft.train --config configs/sft_seedling_full.yaml --learning_rate 3e-4 --output_dir runs/hotter

The loss is on the answer and the token that stops it. Held-out questions are answered greedily before and after, in
the very prompts that are taught; what a step costs in time and memory is measured and written beside the run.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envs.sandbox import unconfined
from policy import processes
from policy.config import ConfigError, Resolved, exit_with_sentence
from policy.device import how_to_launch
from policy.node_sandbox import node_sandbox
from policy.notice import notice
from policy.questions import environment, load_splits, load_validation
from sft.config import MODULE, SftRun, read, resolve
from sft.data import prepare
from sft.dry_run import show

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def main(argv: Sequence[str]) -> None:
    if told := card(argv):
        print(told)
        return
    resolved = resolve(argv)
    run = resolved.own
    if not (run.dry_run or resolved["use_cpu"]) and (told := how_to_launch(MODULE, argv)):
        raise ConfigError(told)
    if (told := notice(resolved)) and processes.is_first():
        print(told, flush=True)
    _can_be_built(resolved)
    splits = load_splits(run, resolved["seed"])
    validation = load_validation(run, splits.held_out, run.validation_size) if resolved["eval_strategy"] != "no" else []
    examples = (*splits.train, *splits.held_out, *validation, *splits.rest)
    with (
        processes.joined(resolved["use_cpu"], resolved["ddp_timeout"], resolved["ddp_backend"]),
        node_sandbox(run) as sandbox,
        environment(run, examples, sandbox) as env,
    ):
        tokenizer = _tokenizer(resolved)
        lessons = prepare(resolved, env, splits, validation, tokenizer)
        print(lessons.summary(resolved["max_length"]), flush=True)
        if splits.sampled:
            print(splits.sampled.markdown(), flush=True)
        if told := unconfined(env.confinement):
            print(told, flush=True)
        if run.dry_run:
            show(resolved, lessons, tokenizer)
            return
        from sft.run import run as run_training

        run_training(resolved, lessons, env, tokenizer)


def card(argv: Sequence[str]) -> str:
    """Whether the config fits a GPU of `device_memory` GiB, where a dry run asks; "" elsewhere."""
    asked = read(argv)
    if not asked.own.device_memory:
        return ""
    from policy.memory.asked import on_a_card
    from policy.memory.plan import of_lessons

    return on_a_card(
        asked.values(), lambda values, prompt, on: of_lessons(values, values["max_length"] or 1024, prompt, on)
    )


def _can_be_built(resolved: Resolved[SftRun]) -> None:
    """What TRL and torch alone can tell, before any gold is executed. Raises ConfigError."""
    from sft.build import arguments

    try:
        arguments(resolved, Path(resolved["output_dir"]))
    except (ValueError, KeyError, ImportError) as error:
        raise ConfigError(f"{resolved.path}: {error}") from error


def _tokenizer(resolved: Resolved[SftRun]) -> "PreTrainedTokenizerBase":
    from policy.load import load_tokenizer

    tokenizer = load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])
    if resolved["chat_template_path"]:
        tokenizer.chat_template = Path(resolved["chat_template_path"]).read_text(encoding="utf-8")
    return tokenizer


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
