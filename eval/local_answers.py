"""A policy whose weights are at hand answers questions into a file of samples, a fixed batch at a time."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envs.example import Example
from envs.progress import progress
from eval.backend import context_of, dtype_of, open_sampler, stops_of, tokenizer_of, versions
from eval.policy_named import Named
from policy.chat import prompt_text, tokens_of
from policy.config_error import ConfigError
from policy.samplers import Sampled, Sampling, seed_of
from policy.samples import Completion, Head, append, finished
from policy.weights import fingerprint


def answer(asked: argparse.Namespace, policy: Named, examples: Sequence[Example], output: Path) -> None:
    """`asked` as `eval.generate` reads it. Raises ConfigError where no prompt fits or the file is of something else."""
    style, template = asked.prompt or policy.run.get("prompt", "strict"), asked.chat_template_kwargs
    template = policy.run.get("chat_template_kwargs") if template is None else template
    most = asked.max_new_tokens or policy.run.get("max_completion_length") or 256
    tokenizer = tokenizer_of(policy)
    prompts = {one.id: tokens_of(tokenizer, prompt_text(tokenizer, one, style, template)) for one in examples}
    room = context_of(policy) - most
    fitting = [one for one in examples if len(prompts[one.id]) <= room]
    if len(fitting) < len(examples):
        print(f"{len(examples) - len(fitting):,} prompts are longer than {room:,} tokens and left out", flush=True)
    if not fitting:
        raise ConfigError(f"no prompt leaves room for --max_new_tokens {most} in the model's {room + most:,} tokens")
    head = Head(
        policy=policy.model,
        weights=fingerprint(policy.model),
        task=asked.task,
        task_path=asked.task_path,
        split=asked.split,
        prompt=style,
        chat_template_kwargs=template,
        backend=asked.backend,
        dtype=dtype_of(asked.dtype),
        samples=asked.samples,
        temperature=asked.temperature,
        max_new_tokens=most,
        batch_size=asked.batch_size,
        seed=asked.seed,
    )
    done = finished(output, head)
    if left := sum(one.id not in done for one in fitting):
        output.parent.mkdir(parents=True, exist_ok=True)
        longest = max(len(prompts[one.id]) for one in fitting) + most
        arguments = (policy, tokenizer, head.dtype, longest, asked.batch_size, asked.server_url)
        sampler, stops, say, told = (
            open_sampler(asked.backend, *arguments),
            stops_of(policy, tokenizer),
            progress(),
            versions(),
        )
        for at in range(0, len(fitting), asked.batch_size):
            batch = fitting[at : at + asked.batch_size]
            if all(one.id in done for one in batch):
                continue
            # Asked whole though only some of it is missing: what is drawn must not depend on where it was left.
            sampling = Sampling(most, asked.temperature, stops, seed_of((one.id for one in batch), asked.seed))
            found = sampler.generate([prompts[one.id] for one in batch], asked.samples, sampling)
            answered = [
                (one.id, [_completion(s, stops, tokenizer) for s in some])
                for one, some in zip(batch, found, strict=True)
            ]
            append(output, head, told, [pair for pair in answered if pair[0] not in done])
            done |= {one.id for one in batch}
            say(f"answered {len(done):,} of {len(fitting):,} questions")
        sampler.close()
    print(f"{left:,} questions answered now, {len(fitting) - left:,} before: {output}", flush=True)


def _completion(sampled: Sampled, stops: tuple[int, ...], tokenizer: Any) -> Completion:
    return Completion(
        text=tokenizer.decode(sampled.ids, skip_special_tokens=True),
        tokens=len(sampled.ids),
        truncated=not sampled.ids or sampled.ids[-1] not in stops,
        logprob_sum=round(sum(sampled.logprobs), 6),
    )
