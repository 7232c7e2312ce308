"""A policy whose weights are at hand answers questions into a file of samples, a fixed batch at a time."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from envs.example import Example
from envs.progress import progress
from eval.fitting import presented, prompts_that_fit, way_of
from policy.named_policy import Named
from policy.quantised import quantised_of
from policy.samplers import Sampled, Sampling, seed_of
from policy.samplers.unchanging import dtype_of, open_sampler, stops_of, tokenizer_of, versions
from policy.samples import Completion, Head, append, finished
from policy.thoughts import LAST, opened
from policy.weights import fingerprint


def answer(asked: argparse.Namespace, policy: Named, examples: Sequence[Example], output: Path) -> None:
    """`asked` as `eval.generate` reads it. Raises ConfigError where no prompt fits or the file is of something else."""
    tokenizer = tokenizer_of(policy)
    way = way_of(asked, policy)
    prompts = prompts_that_fit(policy, tokenizer, presented(asked, policy, tokenizer, examples, way), way)
    thought = opened(tokenizer.decode(next(iter(prompts.values()))[-LAST:]))
    fitting = [one for one in examples if one.id in prompts]
    head = Head(
        policy=policy.model,
        weights=fingerprint(policy.model),
        task=asked.task,
        task_path=asked.task_path,
        split=asked.split,
        prompt=way.style,
        chat_template_kwargs=way.template,
        backend=asked.backend,
        dtype=dtype_of(asked.dtype),
        samples=asked.samples,
        temperature=asked.temperature,
        max_new_tokens=way.most,
        batch_size=asked.batch_size,
        seed=asked.seed,
        **asdict(way.presentation),
        quantised=quantised_of(asked).told,
    )
    done = finished(output, head)
    if left := sum(one.id not in done for one in fitting):
        output.parent.mkdir(parents=True, exist_ok=True)
        longest = max(len(prompts[one.id]) for one in fitting) + way.most
        arguments = (policy, tokenizer, head.dtype, longest, asked.batch_size, asked.server_url)
        sampler, stops, say, told = (
            open_sampler(asked.backend, *arguments, quantised_of(asked)),
            stops_of(policy, tokenizer),
            progress(),
            versions(),
        )
        for at in range(0, len(fitting), asked.batch_size):
            batch = fitting[at : at + asked.batch_size]
            if all(one.id in done for one in batch):
                continue
            # Asked whole though only some of it is missing: what is drawn must not depend on where it was left.
            sampling = Sampling(way.most, asked.temperature, stops, seed_of((one.id for one in batch), asked.seed))
            found = sampler.generate([prompts[one.id] for one in batch], asked.samples, sampling)
            answered = [
                (one.id, [_completion(s, stops, tokenizer, thought) for s in some])
                for one, some in zip(batch, found, strict=True)
            ]
            append(output, head, told, [pair for pair in answered if pair[0] not in done])
            done |= {one.id for one in batch}
            say(f"answered {len(done):,} of {len(fitting):,} questions")
        sampler.close()
    print(f"{left:,} questions answered now, {len(fitting) - left:,} before: {output}", flush=True)


def _completion(sampled: Sampled, stops: tuple[int, ...], tokenizer: Any, thought: str) -> Completion:
    return Completion(
        text=thought + tokenizer.decode(sampled.ids, skip_special_tokens=True),
        tokens=len(sampled.ids),
        truncated=not sampled.ids or sampled.ids[-1] not in stops,
        logprob_sum=round(sum(sampled.logprobs), 6),
    )
