"""A learned reward model: what it reads, and what it says of queries. `rl.reward_model` trains one.

It reads the policy's own prompt (schema, evidence, question) and the query as the policy's answer, and says one number:
the logit of being preferred (Bradley and Terry, 1952). Only differences between answers to one question were trained.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import Style
from policy.chat import taught
from policy.config_error import ConfigError
from policy.load import load_tokenizer, locate

FILE = "reward_model.json"
"""In the model's folder: how it was asked when it was trained."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a reward model reads: the prompt's style, what its chat template is told, and the longest text in tokens."""

    prompt: Style
    chat_template_kwargs: dict[str, Any] | None
    max_length: int | None

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def reads(
    tokenizer: PreTrainedTokenizerBase, example: Example, sql: str, style: Style, template: Mapping[str, Any] | None
) -> list[int]:
    """The token ids that the model scores: prompt, query, and the token that ends an answer."""
    return taught(tokenizer, example, style, template, as_answer(sql, style)).ids


def as_answer(sql: str, style: Style) -> str:
    """A query alone as a policy asked in that style would write it, without what it thought before."""
    return f"```sql\n{sql}\n```" if style == "loose" else sql


class LearnedReward:
    """A trained reward model, ready to score. Raises ConfigError where the folder holds none."""

    def __init__(self, path: str, device: str | torch.device = "cpu", dtype: str = "float32", batch: int = 32) -> None:
        folder = Path(locate(path))
        folder = folder / "policy" if (folder / "policy" / FILE).is_file() else folder
        if not (folder / FILE).is_file():
            raise ConfigError(f"{path} holds no reward model ({FILE} is missing); python -m rl.reward_model trains one")
        self.path = folder
        try:
            self.asking = Asking(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{folder / FILE} is not what python -m rl.reward_model writes ({error})") from error
        self.tokenizer = load_tokenizer(str(folder))
        self.model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype).to(device).eval()
        self._batch = batch

    @torch.no_grad()
    def logits(self, asked: Sequence[tuple[Example, str]]) -> list[float | None]:
        """One logit for each (example, query), in their order; None where the query is empty, or with its prompt longer
        than what the model was trained on. A query that is asked twice of one example is read once."""
        style, template, most = self.asking.prompt, self.asking.chat_template_kwargs, self.asking.max_length
        first = {(one.id, one.schema_id, sql): at for at, (one, sql) in reversed(list(enumerate(asked))) if sql.strip()}
        ids = {at: reads(self.tokenizer, asked[at][0], asked[at][1], style, template) for at in first.values()}
        found: list[float | None] = [None] * len(asked)
        fitting = [at for at, one in ids.items() if most is None or len(one) <= most]
        fitting.sort(key=lambda at: (len(ids[at]), at))  # little padding
        pad, device = self.tokenizer.pad_token_id, self.model.device
        for start in range(0, len(fitting), self._batch):
            places = fitting[start : start + self._batch]
            longest = max(len(ids[at]) for at in places)
            rows = [ids[at] + [pad] * (longest - len(ids[at])) for at in places]
            mask = [[1] * len(ids[at]) + [0] * (longest - len(ids[at])) for at in places]
            said = self.model(torch.tensor(rows, device=device), attention_mask=torch.tensor(mask, device=device))
            for at, logit in zip(places, said.logits[:, 0].float().tolist(), strict=True):
                found[at] = logit
        return [found[first[one.id, one.schema_id, sql]] if sql.strip() else None for one, sql in asked]
