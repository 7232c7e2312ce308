"""How likely a policy itself finds a query: what a reward model has to beat, or begins from."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from envs.example import Example
from envs.prompt import Style
from policy.branches import TOGETHER, Branched, collate, cut, in_groups, kept_apart, lay_out, seen
from policy.chat import Taught, as_answer, taught
from policy.load import load_policy, load_tokenizer

Key = tuple[str, str, str]
"""Example, database, query: what is asked once."""


def key_of(example: Example, sql: str) -> Key:
    return example.id, example.schema_id, sql


class LogProb:
    """Sums of log-probabilities in nats, of the query as the policy's answer and the token that ends it."""

    def __init__(
        self,
        path: str,
        style: Style,
        template: dict[str, Any] | None,
        device: str = "cpu",
        batch: int = 32,
        revision: str = "main",
        together: int = TOGETHER,
    ) -> None:
        self._model = load_policy(path, "float32", revision=revision).to(device).eval()
        self._tokenizer = load_tokenizer(path, revision)
        self._style, self._template, self._batch, self._together = style, template, batch, min(together, batch)

    def logits(self, asked: Sequence[tuple[Example, str]]) -> list[float | None]:
        """One for each (example, query), in their order; None where the query is empty."""
        known = {key_of(one, sql): (one, sql) for one, sql in asked if sql.strip()}
        lessons = {
            key: taught(self._tokenizer, one, self._style, self._template, as_answer(sql, self._style))
            for key, (one, sql) in known.items()
        }
        longest = max((len(one.ids) for one in lessons.values()), default=0)
        together = self._together if kept_apart(self._model, longest) else 1
        groups = in_groups(lessons, lambda key: key[:2], together)
        groups.sort(key=lambda keys: lessons[keys[0]].answer_at)
        found: dict[Key, float] = {}
        for some in cut(groups, self._batch // together):
            found |= self._of([[lessons[key] for key in keys] for keys in some], [k for keys in some for k in keys])
        return [found.get(key_of(one, sql)) for one, sql in asked]

    @torch.no_grad()
    def _of(self, lessons: Sequence[Sequence[Taught]], keys: Sequence[Key]) -> dict[Key, float]:
        """Of the answers to each prompt, read as one row a prompt. The model's head is asked from the first answer of a
        batch on: over whole prompts its logits would not fit beside a small model on a card."""
        rows = [lay_out([one.ids for one in some]) for some in lessons]
        told = {name: part.to(self._model.device) for name, part in collate(rows, 0).items()}
        branches = told.pop("branches")
        if any(len(some) > 1 for some in lessons):
            told["attention_mask"] = seen(branches, self._model.config._attn_implementation, self._model.dtype)
        else:
            del told["position_ids"]  # those of any text; not every model takes them
        first = min(one.answer_at for some in lessons for one in some) - 1
        keep = torch.arange(first, branches.shape[1], device=branches.device)
        said = self._model(**told, logits_to_keep=keep, use_cache=False).logits.float()
        found: dict[Key, float] = {}
        at = iter(keys)
        for row, laid, some in zip(said, rows, lessons, strict=True):
            for places, wanted in _predicted(laid, some):
                predicting = row[torch.tensor(places, device=row.device) - first]
                loss = cross_entropy(predicting, torch.tensor(wanted, device=row.device), reduction="sum")
                found[next(at)] = -float(loss)
        return found


def _predicted(row: Branched, lessons: Sequence[Taught]) -> Iterator[tuple[list[int], list[int]]]:
    """Of each answer the places in the row that predict its tokens, and these tokens."""
    for number, one in enumerate(lessons):
        ats = range(one.answer_at, len(one.ids))
        yield [row.place(number, at - 1) for at in ats], one.ids[one.answer_at :]
