"""What a reward model thinks of the queries that were written, as the weights of their votes."""

from collections.abc import Sequence
from dataclasses import replace

from envs.example import Example
from policy import vote


class Opinions:
    """A trained reward model (`rl.reward_model`), loaded once. Raises ConfigError where the folder holds none."""

    def __init__(self, folder: str) -> None:
        from torch import cuda

        from policy.learned_reward import LearnedReward

        self._model = LearnedReward(folder, "cuda" if cuda.is_available() else "cpu")

    def of(self, example: Example, sqls: Sequence[str]) -> list[float | None]:
        """Of each query, in (0, 1) (`policy.vote.opinion`); None where the model cannot read it. What a person or a
        database says ends no turn of the chat that the model reads."""
        from policy.chat import unmarked

        asked = replace(
            example,
            question=unmarked(self._model.tokenizer, example.question),
            schema=unmarked(self._model.tokenizer, example.schema),
            evidence=unmarked(self._model.tokenizer, example.evidence),
        )
        logits = self._model.logits([(asked, unmarked(self._model.tokenizer, sql)) for sql in sqls])
        return [None if logit is None else vote.opinion(logit) for logit in logits]


def weights(results: Sequence[str], opinions: Sequence[float | None]) -> list[float]:
    """Of the votes: the opinion, 0 for what the model could not read; 1 each where it could read nothing that ran."""
    if not any(result and opinion is not None for result, opinion in zip(results, opinions, strict=True)):
        return [1.0] * len(results)
    return [opinion or 0.0 for opinion in opinions]
