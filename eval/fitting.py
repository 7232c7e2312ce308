"""How a local policy is asked, and the prompts that leave room for its answers."""

import argparse
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from envs.example import Example
from envs.schema_styles import shown_in
from policy import named_policy
from policy.chat import prompt_text, tokens_of
from policy.config_error import ConfigError
from policy.named_policy import Named, Way
from policy.samplers.unchanging import context_of


def way_of(asked: argparse.Namespace, policy: Named) -> Way:
    """As the command line says, else as `policy.named_policy.way_of`."""
    template, style = asked.chat_template_kwargs, asked.schema_style
    return named_policy.way_of(policy, asked.prompt, template, asked.max_new_tokens, style)


def prompts_that_fit(
    policy: Named, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], way: Way
) -> dict[str, list[int]]:
    """Example -> tokens; what is too long is left out and counted on the console. Raises ConfigError where all are."""
    examples = shown_in(examples, way.schema_style)
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
