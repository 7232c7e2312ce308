"""Completions from `model.generate`, with the log-probability of every token drawn."""

from collections.abc import Sequence

import torch
from peft import PeftModel
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel

from policy.generate import batched, has_virtual_tokens, neutral, until_stop
from policy.samplers import Sampled, Sampling


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
        """The completions of a batch, n for each prompt, one prompt after the other."""
        width = max(map(len, prompts))
        ids = torch.tensor([[self._pad] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        seen = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        scribe = _Scribe(sampling.temperature or 1.0)
        drawn = {"temperature": sampling.temperature, "top_k": 0, "top_p": 1.0} if sampling.temperature else {}
        output = self._policy.generate(
            input_ids=ids.to(self._device),
            attention_mask=seen.to(self._device),
            max_new_tokens=sampling.max_tokens,
            num_return_sequences=n if drawn else 1,
            do_sample=bool(drawn),
            pad_token_id=self._pad,
            eos_token_id=list(sampling.stops) or None,
            logits_processor=LogitsProcessorList([scribe]),
            use_cache=True,
            **drawn,
        )
        logprobs = scribe.written(output).tolist()
        rows = [until_stop(row[width:].tolist(), sampling.stops) for row in output]
        found = [Sampled(row, noted[: len(row)]) for row, noted in zip(rows, logprobs, strict=True)]
        return found if drawn else [one for one in found for _ in range(n)]


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
