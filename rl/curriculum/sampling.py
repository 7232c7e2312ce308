"""Completions to measure a pass rate with: the one place here that knows how a policy is loaded and sampled."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from envs.example import Example
from envs.sql_env import SqlEnv
from policy.availability import is_local
from policy.chat import prompt_text, stop_tokens, tokens_of
from policy.config import Resolved
from policy.generate import complete, continuations
from policy.load import load_policy
from policy.samplers import seed_of
from policy.thoughts import opened
from policy.turns import Turns, Written
from rl.config import GrpoRun
from rl.turns import allowance

Ask = Callable[[Sequence[Example]], list[list[str]]]
"""The questions of one batch -> the completions of each."""


def asker(resolved: Resolved[GrpoRun], tokenizer: PreTrainedTokenizerBase, env: SqlEnv, samples: int) -> Ask:
    """The config's policy, ready to be asked: its prompt, turns, temperature and longest completion, `samples` a
    question.

    A batch's completions follow from the seed and the batch's questions alone, whatever was asked before. Of several
    turns the completion is what is handed in; their queries run in `env`.
    """
    run, template, allowed = resolved.own, resolved["chat_template_kwargs"], allowance(resolved)
    model = load_policy(resolved["model_name_or_path"], resolved["dtype"], **_options(resolved))
    device = torch.device("cuda" if torch.cuda.is_available() and not resolved["use_cpu"] else "cpu")
    if not resolved["load_in_4bit"] and not resolved["load_in_8bit"]:
        model.to(device)
    half = torch.float16 if resolved["fp16"] else torch.bfloat16

    def ask(examples: Sequence[Example]) -> list[list[str]]:
        prompts = [prompt_text(tokenizer, example, run.prompt, template, run.max_turns) for example in examples]
        torch.manual_seed(seed_of((example.id for example in examples), resolved["seed"]))
        with torch.autocast(device.type, half, enabled=bool(resolved["bf16"] or resolved["fp16"])):
            if allowed:
                turns = Turns(env, tokenizer, stop_tokens(tokenizer, model), allowed, template)
                ids = [
                    (example.id, tokens_of(tokenizer, prompt))
                    for example, prompt in zip(examples, prompts, strict=True)
                ]
                exchanges = turns.take([one for one in ids for _ in range(samples)], one_turn)
                finals = [exchange.final for exchange in exchanges]
                return [finals[at : at + samples] for at in range(0, len(finals), samples)]
            longest = resolved["max_completion_length"]
            found = complete(model, tokenizer, prompts, longest, len(prompts), samples, resolved["temperature"])
            return [[opened(prompt) + text for text in texts] for prompt, texts in zip(prompts, found, strict=True)]

    def one_turn(asked: list[list[int]], most: int) -> list[Written]:
        found = continuations(model, tokenizer, asked, most, len(asked), temperature=resolved["temperature"])
        return [Written(ids) for (ids,) in found]

    return ask


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
