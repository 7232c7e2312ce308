"""Pairs of one question read with its prompt once (`policy/branches.py`), and TRL's trainer none the wiser.

TRL reads a prompt twice for every pair, and nearly all of a pair is prompt: with eight pairs of a question in one row
a step costs a fraction, and every logit is what the answer alone would have got.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from policy.branches import collate, head_of, lay_out, seen, token_logits
from policy.config_error import ConfigError

Row = dict[str, Any]

SIDES = ("chosen", "rejected")


def rows(pairs: Sequence[dict[str, Any]], questions: Sequence[str], most: int) -> list[Row]:
    """Pairs of one question in one row, at most so many: each column, such as `chosen_ids` and `rejected_ids`, is then
    a list of what it is of one pair. In the order in which questions first come."""
    groups: dict[str, list[Row]] = {}
    for pair, question in zip(pairs, questions, strict=True):
        found = groups.setdefault(question, [])
        if not found or len(found[-1]["chosen_ids"]) == most:
            found.append({side: [] for side in pair})
        for side, ids in found[-1].items():
            ids.append(pair[side])
    return [row for found in groups.values() for row in found]


@dataclass(frozen=True, slots=True)
class Together:
    """Rows to a batch: what `policy.branches.collate` gives, and `ends` of shape (2 x pairs, 2), the row and the place
    where each answer is read, chosen ones first.

    Where rows have `chosen_prior` and `rejected_prior`, `priors` of shape (2 x pairs) is what is added to the logits.
    """

    pad: int

    def __call__(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        answers = [list(dict.fromkeys(tuple(ids) for side in SIDES for ids in row[f"{side}_ids"])) for row in rows]
        laid = [lay_out(some) for some in answers]
        ends = [
            (at, laid[at].end(answers[at].index(tuple(ids)), self.pad))
            for side in SIDES
            for at, row in enumerate(rows)
            for ids in row[f"{side}_ids"]
        ]
        return {**collate(laid, self.pad), "ends": torch.tensor(ends), **_priors(rows)}


def _priors(rows: Sequence[Row]) -> dict[str, torch.Tensor]:
    if "chosen_prior" not in rows[0]:
        return {}
    return {"priors": torch.tensor([one for side in SIDES for row in rows for one in row[f"{side}_prior"]])}


class Branching:
    """A classifier called as TRL calls it, that gives one logit for each answer of the batch instead of one a row."""

    def __init__(self, model: nn.Module, stock: PreTrainedModel) -> None:
        head = head_of(stock)
        if head is None:
            raise ConfigError("the model has no head named `score`: write pairs_together: 1, log_prob_prior: false")
        self.training = model.training
        self._model, self._head, self._kind = model, head, stock.config._attn_implementation

    def __call__(
        self,
        input_ids: torch.Tensor,
        branches: torch.Tensor,
        ends: torch.Tensor,
        priors: torch.Tensor | None = None,
        **inputs: Any,
    ) -> Any:
        mask = seen(branches, self._kind, next(self._head.parameters()).dtype)
        said = token_logits(self._model, self._head, input_ids=input_ids, **inputs | {"attention_mask": mask})
        logits = said[ends[:, 0], ends[:, 1]].float()
        return SequenceClassifierOutput(logits=logits if priors is None else logits + priors[:, None])
