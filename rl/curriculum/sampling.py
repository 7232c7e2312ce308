"""Completions to measure a pass rate with: the one place here that knows how a policy is loaded and sampled."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from envs.example import Example
from policy.availability import is_local
from policy.chat import prompt_text
from policy.config import Resolved
from policy.generate import complete
from policy.load import load_policy
from rl.config import GrpoRun

Ask = Callable[[Sequence[Example]], list[list[str]]]
"""The questions of one batch -> the completions of each."""


def asker(resolved: Resolved[GrpoRun], tokenizer: PreTrainedTokenizerBase, samples: int) -> Ask:
    """The config's policy, ready to be asked: its prompt, temperature and longest completion, `samples` a question.

    A batch's completions follow from the seed and the batch's questions alone, whatever was asked before.
    """
    model = load_policy(resolved["model_name_or_path"], resolved["dtype"], **_options(resolved))
    device = torch.device("cuda" if torch.cuda.is_available() and not resolved["use_cpu"] else "cpu")
    if not resolved["load_in_4bit"] and not resolved["load_in_8bit"]:
        model.to(device)
    half = torch.float16 if resolved["fp16"] else torch.bfloat16

    def ask(examples: Sequence[Example]) -> list[list[str]]:
        prompts = [
            prompt_text(tokenizer, example, resolved.own.prompt, resolved["chat_template_kwargs"])
            for example in examples
        ]
        torch.manual_seed(seed_of(examples, resolved["seed"]))
        with torch.autocast(device.type, half, enabled=bool(resolved["bf16"] or resolved["fp16"])):
            return complete(
                model,
                tokenizer,
                prompts,
                resolved["max_completion_length"],
                batch_size=len(prompts),
                samples=samples,
                temperature=resolved["temperature"],
            )

    return ask


def seed_of(examples: Sequence[Example], seed: int) -> int:
    """One seed for a batch, its own."""
    text = "\n".join([str(seed), *(example.id for example in examples)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def _options(resolved: Resolved[GrpoRun]) -> dict[str, Any]:
    """How the model is loaded, as TRL's trainer would load it."""
    options: dict[str, Any] = {"attn_implementation": resolved["attn_implementation"]}
    if not is_local(resolved["model_name_or_path"]):
        options["revision"] = resolved["model_revision"]
    if resolved["load_in_4bit"] or resolved["load_in_8bit"]:
        from trl import ModelConfig, get_quantization_config

        from policy.model_fields import ModelFields

        options["quantization_config"] = get_quantization_config(ModelConfig(**resolved.given(ModelFields)))
    return {key: value for key, value in options.items() if value is not None}
