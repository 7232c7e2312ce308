"""A learned reward model: what it reads, and what it says of queries. `rl.reward_model` trains one.

It reads the policy's own prompt (schema, evidence, question) and the query as the policy's answer, and says one number:
the logit of being preferred (Bradley and Terry, 1952). Only differences between answers to one question were trained.
With a prior, that number is the head's logit and, times a weight, how likely the policy it began as finds the query.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import Style
from policy.branches import TOGETHER, collate, cut, head_of, in_groups, kept_apart, lay_out, seen, token_logits
from policy.chat import as_answer, taught
from policy.config_error import ConfigError
from policy.load import load_tokenizer, locate
from policy.log_prob import Key, LogProb, key_of

FILE = "reward_model.json"
"""In the model's folder: how it was asked when it was trained."""
PRIOR = "prior"
"""In the model's folder: the policy that it began as, where its log-probability is a part of the logit."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a reward model reads: the prompt's style, what its chat template is told, and the longest text in tokens.
    `prior_weight` times the log-probability of a query, less `prior_mean` nats, is added to the head's logit."""

    prompt: Style
    chat_template_kwargs: dict[str, Any] | None
    max_length: int | None
    prior_weight: float = 0.0
    prior_mean: float = 0.0

    @classmethod
    def of(cls, folder: Path) -> Self:
        """As it lies in a model's folder. Raises ConfigError where it is damaged."""
        try:
            return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{folder / FILE} is not what python -m rl.reward_model writes ({error})") from error

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def reads(
    tokenizer: PreTrainedTokenizerBase, example: Example, sql: str, style: Style, template: Mapping[str, Any] | None
) -> list[int]:
    """The token ids that the model scores: prompt, query, and the token that ends an answer."""
    return taught(tokenizer, example, style, template, as_answer(sql, style)).ids


class LearnedReward:
    """A trained reward model, ready to score. Raises ConfigError where the folder holds none."""

    def __init__(self, path: str, device: str | torch.device = "cpu", dtype: str = "float32", batch: int = 32) -> None:
        folder = Path(locate(path))
        folder = folder / "policy" if (folder / "policy" / FILE).is_file() else folder
        if not (folder / FILE).is_file():
            raise ConfigError(f"{path} holds no reward model ({FILE} is missing); python -m rl.reward_model trains one")
        self.path = folder
        self.asking = Asking.of(folder)
        self.tokenizer = load_tokenizer(str(folder))
        self.model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).to(device).eval()
        self._batch, self._head, asking = batch, head_of(self.model), self.asking
        self._prior = (
            LogProb(str(folder / PRIOR), asking.prompt, asking.chat_template_kwargs, device, batch)
            if asking.prior_weight
            else None
        )

    def logits(self, asked: Sequence[tuple[Example, str]]) -> list[float | None]:
        """One logit for each (example, query), in their order; None where the query is empty, or with its prompt longer
        than what the model was trained on. A query that is asked twice of one example is read once."""
        style, template, most = self.asking.prompt, self.asking.chat_template_kwargs, self.asking.max_length
        known = {key_of(one, sql): (one, sql) for one, sql in asked if sql.strip()}
        ids = {key: reads(self.tokenizer, one, sql, style, template) for key, (one, sql) in known.items()}
        fitting = {key: one for key, one in ids.items() if most is None or len(one) <= most}
        found = self._heads(fitting)
        if self._prior is not None:
            likely = self._prior.logits([known[key] for key in fitting])
            for key, value in zip(fitting, likely, strict=True):
                assert value is not None  # no query here is empty
                found[key] += self.asking.prior_weight * (value - self.asking.prior_mean)
        return [found.get(key_of(one, sql)) for one, sql in asked]

    @torch.no_grad()
    def _heads(self, ids: Mapping[Key, list[int]]) -> dict[Key, float]:
        """What the head says of each, answers to one example read with their prompt once where the model can."""
        longest, pad = max(map(len, ids.values()), default=0), self.tokenizer.pad_token_id
        apart = self._head is not None and kept_apart(self.model, longest)
        together = min(TOGETHER, self._batch) if apart else 1
        groups = in_groups(ids, lambda key: key[:2], together)
        groups.sort(key=lambda keys: max(len(ids[key]) for key in keys))  # little padding
        found: dict[Key, float] = {}
        for some in cut(groups, self._batch // together):
            rows = [lay_out([ids[key] for key in keys]) for keys in some]
            told = {name: part.to(self.model.device) for name, part in collate(rows, pad).items()}
            branches = told.pop("branches")
            if self._head is None or not apart:
                del told["position_ids"]
                said = self.model(**told).logits[:, 0].tolist()
            else:
                told["attention_mask"] = seen(branches, self.model.config._attn_implementation, self.model.dtype)
                ends = [(at, row.end(n, pad)) for at, row in enumerate(rows) for n in range(len(row.starts))]
                at, place = torch.tensor(ends, device=self.model.device).T
                said = token_logits(self.model, self._head, **told)[at, place, 0].float().tolist()
            found |= dict(zip((key for keys in some for key in keys), said, strict=True))
        return found
