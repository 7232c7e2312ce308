"""What a reward model begins from: how likely the policy it began as finds each query, times a weight.

A likelihood is a sum over all tokens, which a head on the last token would have to learn to carry there; so the head
learns what is left to say (a product of experts: Hinton, 2002). The weight is that of a logistic regression on the
training pairs' differences, without an intercept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from policy.config import Resolved
from policy.log_prob import LogProb
from policy.run_folder import RunFolder, write_whole
from rl.pairs.pair import Pair
from rl.reward_modelling.config import RewardRun

FILE = "log_probs.json"
STEPS = 50
MOST = 4.0
"""Logits a nat: beyond it the regression only says that the pairs are told apart."""


@dataclass(frozen=True, slots=True)
class Prior:
    """`weight` in logits a nat, `mean` in nats; `known` maps an example and a query to its log-probability."""

    weight: float
    mean: float
    known: dict[tuple[str, str], float]

    def of(self, pairs: Sequence[Pair]) -> list[dict[str, float]]:
        """`chosen_prior` and `rejected_prior` of each pair, in logits."""
        return [
            {"chosen_prior": self._logit(one.example, one.chosen_sql)}
            | {"rejected_prior": self._logit(one.example, one.rejected_sql)}
            for one in pairs
        ]

    def _logit(self, example: str, sql: str) -> float:
        return self.weight * (self.known[example, sql] - self.mean)


def prior_of(
    resolved: Resolved[RewardRun],
    start: str,
    train: Sequence[Pair],
    others: Sequence[Pair],
    folder: RunFolder,
    device: str,
) -> Prior:
    """Fitted on the pairs to train on; a resumed run reads what it was."""
    file = folder.evaluations / FILE
    if not file.is_file():
        write_whole(file, json.dumps(_asked(resolved, start, [*train, *others], device)))
    known = {(example, sql): value for example, sql, value in json.loads(file.read_text(encoding="utf-8"))}
    chosen, rejected = (
        np.array([known[one.example, sql] for one, sql in sides])
        for sides in (
            [(one, one.chosen_sql) for one in train],
            [(one, one.rejected_sql) for one in train],
        )
    )
    return Prior(fitted(chosen - rejected), float(np.concatenate([chosen, rejected]).mean()), known)


def _asked(resolved: Resolved[RewardRun], start: str, pairs: Sequence[Pair], device: str) -> list[list[Any]]:
    template, revision = resolved["chat_template_kwargs"], resolved["model_revision"]
    policy = LogProb(start, resolved["prompt"], template, device, resolved["answer_batch_size"], revision)
    asked = {(one.example, sql): (one.asked(), sql) for one in pairs for sql in (one.chosen_sql, one.rejected_sql)}
    found = policy.logits(list(asked.values()))
    least = min(value for value in found if value is not None)  # no query at all is no likelier than any
    return [[*key, least if value is None else value] for key, value in zip(asked, found, strict=True)]


def fitted(differences: np.ndarray) -> float:
    """The weight at which the log-likelihood of all being positive is largest, from 0 to `MOST`, by Newton's method."""
    weight = 0.0
    for _ in range(STEPS):
        wrong = 1 / (1 + np.exp(np.clip(weight * differences, -500, 500)))
        slope, curve = (differences * wrong).mean(), (differences**2 * wrong * (1 - wrong)).mean()
        weight = float(np.clip(weight + slope / max(curve, 1e-12), 0.0, MOST))
    return weight
