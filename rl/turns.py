"""Turns in training: TRL's `rollout_func` (1.16), where what the policy read is masked out of the loss (`env_mask`).

TRL's `environment_factory` is not used: it needs a chat template for tools, runs them in the trainer's own process and
hands what they raise to the policy. Sampling is the trainer's own, whichever it is, once a turn.

`tests/rl/test_turns.py` fails loudly when TRL moves what is used here: `_tokenize_prompts`, `_generate_single_turn`.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from transformers import PreTrainedTokenizerBase

from envs.sql_env import SqlEnv
from policy.chat import stop_tokens
from policy.config import Resolved
from policy.turns import Allowance, Generate, Turns, Written
from rl.config import GrpoRun

RolloutFunc = Callable[[list[Any], Any], dict[str, Any]]


def allowance(resolved: Resolved[GrpoRun]) -> Allowance | None:
    """What an answer may use over its turns; None where it has one turn."""
    run, tokens = resolved.own, resolved["max_completion_length"]
    if run.max_turns == 1:
        return None
    return Allowance(run.max_turns, tokens, run.observation_tokens or max(1, tokens // 4))


def with_turns(resolved: Resolved[GrpoRun], env: SqlEnv, tokenizer: PreTrainedTokenizerBase) -> dict[str, RolloutFunc]:
    """What a trainer of several turns is built with besides; nothing for one turn."""
    allowed = allowance(resolved)
    if allowed is None:
        return {}
    warnings.filterwarnings("ignore", message="You are using 'rollout_func'")  # TRL's word that it may change
    return {"rollout_func": _rollout(env, tokenizer, allowed, resolved)}


def _rollout(
    env: SqlEnv, tokenizer: PreTrainedTokenizerBase, allowed: Allowance, resolved: Resolved[GrpoRun]
) -> RolloutFunc:
    template: Mapping[str, Any] | None = resolved["chat_template_kwargs"]

    def rollout(prompts: list[Any], trainer: Any) -> dict[str, Any]:
        """`trainer.asked` has the example id of each prompt; `exchange` becomes a column that the rewards read."""
        prompt_ids, _, _ = trainer._tokenize_prompts(prompts)
        stops = frozenset([*trainer.eos_token_ids, *stop_tokens(tokenizer, trainer.model)])
        turns = Turns(env, tokenizer, stops, allowed, template)
        exchanges = turns.take(list(zip(trainer.asked, prompt_ids, strict=True)), _sampled_by(trainer))
        known = all(one.logprobs is not None for one in exchanges)
        return {
            "prompt_ids": [one.prompt_ids for one in exchanges],
            "completion_ids": [one.ids for one in exchanges],
            "logprobs": [one.logprobs for one in exchanges] if known else None,
            "env_mask": [one.mask for one in exchanges],
            "exchange": exchanges,
        }

    return rollout


def _sampled_by(trainer: Any) -> Generate:
    """One completion a prompt: after the first turn no two of a group are alike."""

    def generate(prompts: list[list[int]], most: int) -> list[Written]:
        with _at_most(trainer, most):
            ids, logprobs = trainer._generate_single_turn(prompts, None, {}, 1)
        return [Written(one, None if logprobs is None else logprobs[at]) for at, one in enumerate(ids)]

    return generate


@contextmanager
def _at_most(trainer: Any, tokens: int) -> Iterator[None]:
    """No more new tokens than anybody may still write, so that none are sampled only to be cut."""
    holder, name = (
        (trainer.vllm_generation, "max_completion_length")
        if trainer.use_vllm
        else (trainer.generation_config, "max_new_tokens")
    )
    usual = getattr(holder, name)
    setattr(holder, name, min(usual, tokens))
    try:
        yield
    finally:
        setattr(holder, name, usual)
