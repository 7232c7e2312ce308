"""How a local policy is asked, and the prompts that leave room for its answers."""

import argparse
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from envs.example import Example
from policy import named_policy
from policy.chat import prompt_text, tokens_of
from policy.config_error import ConfigError
from policy.named_policy import Named, Way
from policy.presenting import LATER_KEYS, fitted, in_words, present
from policy.samplers.unchanging import context_of


def way_of(asked: argparse.Namespace, policy: Named) -> Way:
    """As the command line says, else as `policy.named_policy.way_of`."""
    shown = {key: getattr(asked, key, None) for key in LATER_KEYS}
    if policy.run.get("task") == asked.task and not policy.run.get("shot_path"):
        # A run's shots are those it was trained with, though other questions of its task lie elsewhere.
        shown["shot_path"] = shown["shot_path"] or policy.run.get("task_path")
    return named_policy.way_of(policy, asked.prompt, asked.chat_template_kwargs, asked.max_new_tokens, shown)


def presented(
    asked: argparse.Namespace,
    policy: Named,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    way: Way,
) -> list[Example]:
    """With what is shown beside the question; of shots as many as the prompts of the run had room for, and the model
    has. Raises ConfigError as `policy.presenting.present`."""
    found = present(examples, way.presentation, asked.task, asked.task_path)
    if told := in_words(found, asked.split):
        print(told, flush=True)
    room = context_of(policy) - way.most
    most = min(room, way.most_prompt) if way.most_prompt is not None else room

    def length(example: Example) -> int:
        return len(tokens_of(tokenizer, prompt_text(tokenizer, example, way.style, way.template)))

    return [fitted(one, length, most) for one in found.examples]


def prompts_that_fit(
    policy: Named, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], way: Way
) -> dict[str, list[int]]:
    """Example, `presented`, -> tokens; what is too long is left out and counted on the console. Raises ConfigError
    where all are."""
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
