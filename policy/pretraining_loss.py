"""What the seedling's pretraining minimises: chats as padded tensors, and the cross-entropies that are graded."""

from collections.abc import Callable

import torch
from torch import Tensor
from transformers import Qwen3ForCausalLM
from transformers.modeling_outputs import BaseModelOutputWithPast

from policy.corpus import Item, padded

Body = Callable[..., BaseModelOutputWithPast]
"""The model without its output layer, compiled or not."""


def collate(items: list[Item], pad: int, question_weight: float) -> tuple[Tensor, Tensor]:
    """(ids, weights), each of shape (batch, length), padded on the right: no token sees the padding after it."""
    length = padded(max(len(item.ids) for item in items))
    ids, weights = torch.full((len(items), length), pad), torch.zeros(len(items), length)
    for at, item in enumerate(items):
        size = len(item.ids)
        ids[at, :size] = torch.tensor(item.ids)
        weights[at, item.question_at : item.answer_at] = question_weight
        weights[at, item.answer_at : size] = 1.0
    return ids, weights


def losses(model: Qwen3ForCausalLM, body: Body, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Cross-entropies of the tokens that weigh something, and their weights, both flat.

    Only they pass the output layer, which over every token of a prompt would take a third of the step.
    """
    graded = weights[:, 1:] > 0
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        seen = body(input_ids=ids, use_cache=False).last_hidden_state
        assert seen is not None
        logits = model.lm_head(seen[:, :-1][graded])
    each = torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][graded], reduction="none")
    return each, weights[:, 1:][graded]
