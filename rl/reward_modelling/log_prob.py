"""What any reward model has to beat: how likely the policy itself finds the query."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from envs.example import Example
from envs.prompt import Style
from policy.chat import taught
from policy.learned_reward import as_answer
from policy.load import load_policy, load_tokenizer


class LogProb:
    """Sums of log-probabilities in nats, of the query as the policy's answer and the token that ends it."""

    def __init__(
        self, path: str, style: Style, template: dict[str, Any] | None, device: str = "cpu", batch: int = 32
    ) -> None:
        self._model = load_policy(path, "float32").to(device).eval()
        self._tokenizer, self._style, self._template, self._batch = load_tokenizer(path), style, template, batch

    @torch.no_grad()
    def logits(self, asked: Sequence[tuple[Example, str]]) -> list[float | None]:
        """One for each (example, query), in their order; None where the query is empty. The model's head is asked from
        the first answer of a batch on: over whole prompts its logits would not fit beside a small model on a card."""
        known = list(dict.fromkeys((one.id, sql) for one, sql in asked if sql.strip()))
        examples = {one.id: one for one, _ in asked}
        lessons = {
            key: taught(self._tokenizer, examples[key[0]], self._style, self._template, as_answer(key[1], self._style))
            for key in known
        }
        known.sort(key=lambda key: len(lessons[key].ids))
        found: dict[tuple[str, str], float] = {}
        for start in range(0, len(known), self._batch):
            keys = known[start : start + self._batch]
            longest = max(len(lessons[key].ids) for key in keys)
            rows = [lessons[key].ids + [0] * (longest - len(lessons[key].ids)) for key in keys]
            labels = [lessons[key].labels() + [-100] * (longest - len(lessons[key].ids)) for key in keys]
            mask = [[1] * len(lessons[key].ids) + [0] * (longest - len(lessons[key].ids)) for key in keys]
            ids, marks, wanted = (torch.tensor(one, device=self._model.device) for one in (rows, mask, labels))
            first = min(lessons[key].answer_at for key in keys)
            keep = torch.arange(first - 1, longest - 1, device=ids.device)
            said = self._model(ids, attention_mask=marks, logits_to_keep=keep).logits.float()
            losses = cross_entropy(said.transpose(1, 2), wanted[:, first:], reduction="none", ignore_index=-100)
            found |= dict(zip(keys, (-losses.sum(1)).tolist(), strict=True))
        return [found.get((one.id, sql)) for one, sql in asked]
