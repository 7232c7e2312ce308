"""Pairs of one question read with its prompt once: the answers are branches of one sequence, blind to each other.

TRL reads a prompt twice for every pair, and nearly all of a pair is prompt: with eight pairs of a question in one row
a step costs a fraction, and every logit is what the answer alone would have got. A branch has the positions it would
have after the prompt, and sees the prompt and itself (tree attention, as in Cai et al. 2024, arXiv:2401.10774).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from policy.config_error import ConfigError

Row = dict[str, Any]

SHARED = 0
PADDING = -1


def rows(pairs: Sequence[dict[str, list[int]]], questions: Sequence[str], most: int) -> list[Row]:
    """Pairs of one question in one row, at most so many: `chosen_ids` and `rejected_ids` are then lists of ids. In the
    order in which questions first come."""
    groups: dict[str, list[Row]] = {}
    for pair, question in zip(pairs, questions, strict=True):
        found = groups.setdefault(question, [])
        if not found or len(found[-1]["chosen_ids"]) == most:
            found.append({"chosen_ids": [], "rejected_ids": []})
        for side, ids in found[-1].items():
            ids.append(pair[side])
    return [row for found in groups.values() for row in found]


@dataclass(frozen=True, slots=True)
class Together:
    """Rows to a batch: `input_ids`, `position_ids`, `attention_mask` and `branches` of shape (rows, tokens), and `ends`
    of shape (2 x pairs, 2), the row and place of each answer's last token, chosen ones first.

    A branch is 0 where all answers see it, 1 and up in an answer, -1 in padding.
    """

    pad: int

    def __call__(self, batch: Sequence[Row]) -> dict[str, torch.Tensor]:
        laid = [_laid_out(row) for row in batch]
        longest = max(len(ids) for ids, *_ in laid)

        def padded(part: int, with_: int) -> torch.Tensor:
            return torch.tensor([one[part] + [with_] * (longest - len(one[part])) for one in laid])

        sides = [[(at, end) for at, one in enumerate(laid) for end in one[side]] for side in (3, 4)]
        branches = padded(2, PADDING)
        return {
            "input_ids": padded(0, self.pad),
            "position_ids": padded(1, 0),
            "attention_mask": (branches != PADDING).long(),
            "branches": branches,
            "ends": torch.tensor([*sides[0], *sides[1]]),
        }


def _laid_out(row: Row) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    """Ids, positions and branches of one row, and where its chosen and its rejected answers end."""
    answers = list(dict.fromkeys(map(tuple, (*row["chosen_ids"], *row["rejected_ids"]))))
    shared = 0
    while all(len(one) > shared + 1 and one[shared] == answers[0][shared] for one in answers):
        shared += 1
    ids, positions, branches = list(answers[0][:shared]), list(range(shared)), [SHARED] * shared
    ends: dict[tuple[int, ...], int] = {}
    for number, one in enumerate(answers, 1):
        ids += one[shared:]
        positions += range(shared, len(one))
        branches += [number] * (len(one) - shared)
        ends[one] = len(ids) - 1
    return (
        ids,
        positions,
        branches,
        *([ends[tuple(one)] for one in row[side]] for side in ("chosen_ids", "rejected_ids")),
    )


class Branching:
    """A classifier called as TRL calls it, that gives one logit for each answer of the batch instead of one a row."""

    def __init__(self, model: nn.Module, stock: PreTrainedModel) -> None:
        self.training = model.training
        self._model, self._head = model, _head(stock)
        self._kind = stock.config._attn_implementation

    def __call__(self, input_ids: torch.Tensor, branches: torch.Tensor, ends: torch.Tensor, **inputs: Any) -> Any:
        heard: list[torch.Tensor] = []
        hook = self._head.register_forward_hook(lambda *told: heard.append(told[2]))
        try:
            mask = _seen(branches, self._kind, next(self._head.parameters()).dtype)
            self._model(input_ids=input_ids, **inputs | {"attention_mask": mask})
        finally:
            hook.remove()
        return SequenceClassifierOutput(logits=heard[0][ends[:, 0], ends[:, 1]].float())


def _head(stock: nn.Module) -> nn.Module:
    """The scalar head, which sees every token; peft keeps a copy of it that it trains."""
    heads = [module for name, module in stock.named_modules() if name.endswith("score") or ".score." in name]
    trained = [one for one in heads if isinstance(one, nn.Linear) and any(p.requires_grad for p in one.parameters())]
    found = trained or [one for one in heads if isinstance(one, nn.Linear)]
    if len(found) != 1:
        raise ConfigError("the model has no head named `score`: write pairs_together: 1")
    return found[0]


def _seen(branches: torch.Tensor, kind: str, dtype: torch.dtype) -> torch.Tensor:
    """What each token sees, of shape (rows, 1, tokens, tokens): what stands before it in the shared part and in its own
    branch, and itself."""
    own = branches[:, None, :] == branches[:, :, None]
    before = torch.ones(branches.shape[1], branches.shape[1], dtype=torch.bool, device=branches.device).tril()
    seen = ((own | (branches[:, None, :] == SHARED)) & before)[:, None]
    if kind == "sdpa":
        return seen
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill(~seen, torch.finfo(dtype).min)
