"""Answers of a policy whose weights are at hand, timed: through transformers, vLLM, or a vLLM server."""

import argparse
import time
from collections.abc import Sequence
from typing import Any

from envs.example import Example
from eval.fitting import presented, prompts_that_fit, way_of
from eval.latency.machine import described, parameters_of
from eval.latency.measured import Alone, Together
from policy.chat import prompt_text, tokens_of
from policy.config_error import ConfigError
from policy.measures import forget_peak, peak_memory
from policy.named_policy import Named
from policy.samplers import Sampling
from policy.samplers.unchanging import dtype_of, open_sampler, stops_of, tokenizer_of, versions
from policy.weights import fingerprint


def measure(asked: argparse.Namespace, policy: Named, examples: Sequence[Example], warm_up: int) -> dict[str, Any]:
    """As `latency.json` holds it. The last `warm_up` examples are asked first and not counted. Raises ConfigError."""
    tokenizer, way = tokenizer_of(policy), way_of(asked, policy)
    examples = presented(asked, policy, tokenizer, examples, way)
    prompts = prompts_that_fit(policy, tokenizer, examples, way)
    fitting = [one for one in examples if one.id in prompts]
    if len(fitting) <= warm_up:
        raise ConfigError(f"{len(fitting)} questions are left, and {warm_up} of them warm up: give more --questions")
    counted, first = fitting[:-warm_up], fitting[-warm_up:]
    longest = max(map(len, prompts.values())) + way.most
    dtype, url = dtype_of(asked.dtype), asked.server_url
    sampler = open_sampler(asked.backend, policy, tokenizer, dtype, longest, asked.batch_size, url)
    sampling = Sampling(way.most, 0.0, stops_of(policy, tokenizer), seed=0)

    def answer(some: Sequence[Example]) -> list[int]:
        """From questions to texts; the tokens of each."""
        ids = [tokens_of(tokenizer, prompt_text(tokenizer, one, way.style, way.template)) for one in some]
        found = [each for (each,) in sampler.generate(ids, 1, sampling)]
        for each in found:
            tokenizer.decode(each.ids, skip_special_tokens=True)
        return [len(each.ids) for each in found]

    for one in first:
        answer([one])
    forget_peak()
    seconds, tokens = [], []
    for one in counted:
        began = time.perf_counter()
        tokens += answer([one])
        seconds.append(time.perf_counter() - began)
    memory = {"one_at_a_time": peak_memory()}
    batches = [counted[at : at + asked.batch_size] for at in range(0, len(counted), asked.batch_size)]
    answer(first)
    if (engine := getattr(sampler, "llm", None)) is not None:
        engine.reset_prefix_cache()  # what was asked alone would be read again for nothing
    forget_peak()
    began = time.perf_counter()
    batched = [count for batch in batches for count in answer(batch)]
    together = Together(time.perf_counter() - began, batched, min(asked.batch_size, len(counted)))
    memory["together"] = peak_memory()
    sampler.close()
    return {
        "policy": policy.model,
        "weights": fingerprint(policy.model),
        "prompt": way.style,
        "chat_template_kwargs": way.template,
        "max_new_tokens": way.most,
        "alone": Alone(seconds, tokens, None),
        "together": together,
        "memory": memory if asked.backend != "server" else None,
        "parameters": parameters_of(policy),
        "dtype": dtype,
        "machine": described(),
        "versions": versions(),
    }
