"""Completions from a loaded policy: batched by length, greedy or sampled, the same prompt everywhere."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import Style, messages


def prompt_text(
    tokenizer: PreTrainedTokenizerBase, example: Example, style: Style, template: dict[str, Any] | None = None
) -> str:
    """The chat prompt as the policy sees it; `template` goes to the chat template (enable_thinking ...)."""
    text = tokenizer.apply_chat_template(
        messages(example, style), tokenize=False, add_generation_prompt=True, **(template or {})
    )
    assert isinstance(text, str)
    return text


@torch.no_grad()
def complete(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch_size: int = 64,
    samples: int = 1,
    temperature: float = 0.0,
) -> list[list[str]]:
    """`samples` completions for each prompt, in the order of the prompts. Temperature 0 is greedy (one sample).

    The model's mode and cache setting are left as they were found.
    """
    order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
    found: list[list[str]] = [[] for _ in prompts]
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    sampling: dict[str, Any] = (
        {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0, "num_return_sequences": samples}
        if temperature > 0
        else {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
    )
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        inputs = tokenizer(
            [prompts[at] for at in chosen],
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
        ).to(device)
        output = model.generate(  # type: ignore[operator]
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=max_new_tokens,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            use_cache=True,
            **sampling,
        )
        texts = tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        for at, text in enumerate(texts):
            found[chosen[at // max(1, samples)]].append(text)
    model.train(was_training)
    return found
