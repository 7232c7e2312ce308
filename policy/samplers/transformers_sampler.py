"""Completions from `model.generate`, with the log-probability of every token drawn."""

from collections.abc import Sequence

import torch
from peft import PeftModel
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel

from policy.generate import batched, has_virtual_tokens, neutral, until_stop
from policy.samplers import Sampled, Sampling

FIRST = 64
"""Tokens that all completions of a batch may have before those that are not done go on alone, then for twice as many at
a time."""


class TransformersSampler:
    """Reads the policy itself, so its weights are never old; `sync` names another policy."""

    def __init__(self, policy: PreTrainedModel | PeftModel, pad_token: int, batch_size: int = 64) -> None:
        self._policy, self._pad, self._batch_size = policy, pad_token, batch_size

    def sync(self, policy: PreTrainedModel | PeftModel, version: int) -> None:
        self._policy = policy

    def close(self) -> None:
        del self._policy

    @torch.no_grad()
    def generate(self, prompt_ids: Sequence[Sequence[int]], n: int, sampling: Sampling) -> list[list[Sampled]]:
        """At most `batch_size` prompts at a time, like lengths together, the longest first.

        Raises ValueError on what only vLLM can do: top_p, top_k, min_p, repetition_penalty and `more`.
        """
        plain = Sampling(sampling.max_tokens, sampling.temperature, sampling.stops, sampling.seed)
        if sampling != plain:
            raise ValueError(f"the transformers backend draws by temperature alone, and was asked for {sampling}")
        found: list[list[Sampled]] = [[] for _ in prompt_ids]
        devices = [self._device] if self._device.type == "cuda" else []
        with neutral(self._policy), torch.random.fork_rng(devices, enabled=sampling.seed is not None):
            if sampling.seed is not None:
                torch.manual_seed(sampling.seed)
            padded = not has_virtual_tokens(self._policy)
            for places in batched([len(ids) for ids in prompt_ids], self._batch_size, padded):
                for at, sampled in enumerate(self._batch([prompt_ids[place] for place in places], n, sampling)):
                    found[places[at // n]].append(sampled)
        return found

    @property
    def _device(self) -> torch.device:
        return next(self._policy.parameters()).device

    def _batch(self, prompts: list[Sequence[int]], n: int, sampling: Sampling) -> list[Sampled]:
        """The completions of a batch, n for each prompt, one prompt after the other. Those that have not stopped go on
        without the others, which would be computed to the end of the last: most are a fraction of the longest."""
        drawn = sampling.temperature > 0
        found = [Sampled([], []) for _ in range(len(prompts) * (n if drawn else 1))]
        rows, stage = list(range(len(found))), FIRST
        while rows and (room := sampling.max_tokens - len(found[rows[0]].ids)) > 0:
            texts = [[*prompts[row * len(prompts) // len(found)], *found[row].ids] for row in rows]
            for row, more in zip(rows, self._go_on(texts, min(stage, room), sampling), strict=True):
                found[row] = Sampled(found[row].ids + more.ids, found[row].logprobs + more.logprobs)
            rows, stage = [row for row in rows if found[row].ids[-1] not in sampling.stops], 2 * stage
        return found if drawn else [one for one in found for _ in range(n)]

    def _go_on(self, texts: list[list[int]], most: int, sampling: Sampling) -> list[Sampled]:
        """One continuation of each, with the token that stops it."""
        width = max(map(len, texts))
        ids = torch.tensor([[self._pad] * (width - len(text)) + text for text in texts])
        seen = torch.tensor([[0] * (width - len(text)) + [1] * len(text) for text in texts])
        scribe = _Scribe(sampling.temperature or 1.0)
        drawn = {"temperature": sampling.temperature, "top_k": 0, "top_p": 1.0} if sampling.temperature else {}
        output = self._policy.generate(
            input_ids=ids.to(self._device),
            attention_mask=seen.to(self._device),
            max_new_tokens=most,
            do_sample=bool(drawn),
            pad_token_id=self._pad,
            eos_token_id=list(sampling.stops) or None,
            logits_processor=LogitsProcessorList([scribe]),
            use_cache=True,
            **drawn,
        )
        logprobs = scribe.written(output).tolist()
        rows = [until_stop(row[width:].tolist(), sampling.stops) for row in output]
        return [Sampled(row, noted[: len(row)]) for row, noted in zip(rows, logprobs, strict=True)]


class _Scribe(LogitsProcessor):
    """Notes the log-probability of each token one step after it was drawn, so that it need not hold every step's
    logits. transformers (5.17) calls it before it divides by the temperature."""

    def __init__(self, temperature: float) -> None:
        self._temperature = temperature
        self._open: torch.Tensor | None = None
        self._noted: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        self._close(input_ids)
        self._open = (scores.float() / self._temperature).log_softmax(-1)
        return scores

    def _close(self, ids: torch.Tensor) -> None:
        if self._open is not None:
            self._noted.append(self._open.gather(1, ids[:, -1:]))

    def written(self, output: torch.Tensor) -> torch.Tensor:
        """(sequences, tokens), what follows a stop included."""
        self._close(output)
        return torch.cat(self._noted, 1)
