"""How a local policy is asked, and the prompts that leave room for its answers."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from envs.example import Example
from eval.backend import context_of
from eval.policy_named import Named
from policy.chat import prompt_text, tokens_of
from policy.config_error import ConfigError


@dataclass(frozen=True, slots=True)
class Way:
    """Prompt style, arguments of the chat template, and the most tokens of an answer."""

    style: Any
    template: dict[str, Any] | None
    most: int


def way_of(asked: argparse.Namespace, policy: Named) -> Way:
    """As the command line says, else as the policy's run asked, else as the lab does."""
    template = asked.chat_template_kwargs
    template = policy.run.get("chat_template_kwargs") if template is None else template
    most = asked.max_new_tokens or policy.run.get("max_completion_length") or policy.run.get("max_new_tokens") or 256
    return Way(asked.prompt or policy.run.get("prompt", "strict"), template, most)


def prompts_that_fit(
    policy: Named, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], way: Way
) -> dict[str, list[int]]:
    """Example -> tokens; what is too long is left out and counted on the console. Raises ConfigError where all are."""
    prompts = {one.id: tokens_of(tokenizer, prompt_text(tokenizer, one, way.style, way.template)) for one in examples}
    room = context_of(policy) - way.most
    fitting = {name: ids for name, ids in prompts.items() if len(ids) <= room}
    if len(fitting) < len(prompts):
        print(f"{len(prompts) - len(fitting):,} prompts are longer than {room:,} tokens and left out", flush=True)
    if not fitting:
        raise ConfigError(
            f"no prompt leaves room for --max_new_tokens {way.most} in the model's {room + way.most:,} tokens"
        )
    return fitting
