"""A policy whose weights are at hand writes queries."""

from dataclasses import replace

from envs.example import Example
from policy.chat import answered_with, prompt_text, tokens_of, unmarked
from policy.config_error import ConfigError
from policy.named_policy import Named, way_of
from policy.presenting import fitted, present
from policy.samplers import Sampled, Sampling
from policy.samplers.unchanging import context_of, dtype_of, open_sampler, stops_of, tokenizer_of
from policy.thoughts import LAST, opened
from serve.writer import Asking, TooLong, Written


class LocalWriter:
    """Loads the policy once, on transformers."""

    def __init__(self, policy: Named, asking: Asking) -> None:
        self._tokenizer = tokenizer_of(policy)
        self._way = way_of(policy, asking.prompt, asking.template, asking.max_new_tokens)
        self._run = policy.run
        self._turns = int(policy.run.get("max_turns", 1))
        self._context = context_of(policy)
        if self._way.most >= self._context:
            raise ConfigError(
                f"an answer may have {self._way.most:,} tokens, and this policy takes {self._context:,} of schema, "
                "question and answer together; set --max_new_tokens lower"
            )
        self._stops = stops_of(policy, self._tokenizer)
        dtype = dtype_of(asking.dtype)
        self._sampler = open_sampler("transformers", policy, self._tokenizer, dtype, self._context, 1, "")

    def write(self, example: Example, samples: int, temperature: float, seed: int) -> list[Written]:
        prompt = self._prompt(example)
        room = self._context - self._way.most
        if len(prompt) > room:
            raise TooLong(
                f"the schema and the question make {len(prompt):,} tokens, and this policy takes {room:,} beside its "
                f"answer of {self._way.most:,}. Show it fewer tables (--tables NAME,NAME), or what the question needs "
                "(--schema_tokens N), or use a policy with more room"
            )
        sampling = Sampling(self._way.most, temperature, self._stops, seed)
        return [self._read(one, prompt) for one in self._sampler.generate([prompt], samples, sampling)[0]]

    def again(self, example: Example, before: Written, told: str) -> Written | None:
        if not before.ended or not before.ids:
            return None
        try:
            reading = answered_with(self._tokenizer, unmarked(self._tokenizer, told), self._way.template)
        except ValueError:  # its chat template knows no second answer
            return None
        prompt = [*self._prompt(example), *before.ids, *reading]
        if len(prompt) + self._way.most > self._context:
            return None
        sampling = Sampling(self._way.most, 0.0, self._stops, 0)
        return self._read(self._sampler.generate([prompt], 1, sampling)[0][0], prompt)

    def close(self) -> None:
        self._sampler.close()

    def _prompt(self, example: Example) -> list[int]:
        """What a person or a database says ends no turn of the chat."""
        found = present([example], self._way.presentation, self._run.get("task", ""), self._run.get("task_path"))
        room = self._context - self._way.most
        most = min(room, self._way.most_prompt or room)
        return self._tokens(fitted(found.examples[0], lambda one: len(self._tokens(one)), most))

    def _tokens(self, shown: Example) -> list[int]:
        clean = replace(
            shown,
            question=unmarked(self._tokenizer, shown.question),
            schema=unmarked(self._tokenizer, shown.schema),
            shown=unmarked(self._tokenizer, shown.shown),
            evidence=unmarked(self._tokenizer, shown.evidence),
        )
        text = prompt_text(self._tokenizer, clean, self._way.style, self._way.template, self._turns)
        return tokens_of(self._tokenizer, text)

    def _read(self, sampled: Sampled, prompt: list[int]) -> Written:
        """As `eval.generate` reads it: a thought that the template opened hides its queries."""
        text = opened(self._tokenizer.decode(prompt[-LAST:]))
        text += self._tokenizer.decode(sampled.ids, skip_special_tokens=True)
        return Written(text, bool(sampled.ids) and sampled.ids[-1] in self._stops, list(sampled.ids))
