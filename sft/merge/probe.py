"""What a model says on real prompts, as numbers: the logits of its answer, and how far two models' are apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from policy.chat import stop_tokens, tokens_of

PROMPTS = 8
TOKENS = 32


@dataclass(frozen=True, slots=True)
class Sequences:
    """Prompts with the greedy answers of one model: token ids, and how many of them are the answer's."""

    ids: tuple[tuple[int, ...], ...]
    answered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogitGap:
    """How far two models' logits are apart over `tokens` answer positions; `same` of them have the same greedy token.

    On one model's own greedy answers, the same token everywhere means that the other writes the same answers.
    """

    largest: float
    mean: float
    tokens: int
    same: int

    @property
    def says(self) -> str:
        return (
            f"largest {self.largest:.3g}, mean {self.mean:.3g}, greedy token the same at {self.same} of {self.tokens}"
        )


@torch.no_grad()
def sequences(
    model: PreTrainedModel | PeftModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str]
) -> Sequences:
    """The prompts, each with the up to `TOKENS` tokens that the model answers greedily, its stop token included."""
    model.eval()
    plain: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    stops, device = stop_tokens(tokenizer, plain), next(model.parameters()).device
    generator: Any = model
    ids: list[tuple[int, ...]] = []
    answered: list[int] = []
    for prompt in prompts:
        asked = torch.tensor([tokens_of(tokenizer, prompt)], device=device)
        output: Tensor = generator.generate(
            input_ids=asked,
            attention_mask=torch.ones_like(asked),
            max_new_tokens=TOKENS,
            do_sample=False,
            temperature=None,
            top_k=None,
            top_p=None,
            eos_token_id=stops,
            pad_token_id=tokenizer.pad_token_id,
        )
        ids.append(tuple(map(int, output[0])))
        answered.append(output.shape[1] - asked.shape[1])
    return Sequences(tuple(ids), tuple(answered))


@torch.no_grad()
def logits(model: PreTrainedModel | PeftModel, asked: Sequences) -> Tensor:
    """(positions, vocabulary) in float32 on the CPU: what predicts each token of the answers."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    found: list[Tensor] = []
    for ids, count in zip(asked.ids, asked.answered, strict=True):
        output = model(input_ids=torch.tensor([ids], device=device), logits_to_keep=count + 1)
        found.append(output.logits[0, -count - 1 : -1].float().cpu())
    model.train(was_training)
    return torch.cat(found)


def gap(one: Tensor, two: Tensor) -> LogitGap:
    """Absolute differences of two `logits` of the same sequences; a logit that is not a number counts as infinite."""
    apart = (one - two).abs().nan_to_num(nan=torch.inf)
    same = int((one.argmax(-1) == two.argmax(-1)).sum())
    return LogitGap(float(apart.max()), float(apart.mean()), len(one), same)
