"""Greedy execution accuracy on held-out questions: the number that is not the reward."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn
from transformers import PreTrainedTokenizerBase

import rewards
from envs.example import Example
from envs.prompt import Style
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from envs.verdict import CONTRACT
from policy.chat import prompt_text
from policy.generate import complete
from policy.run_folder import write_whole
from rewards.paired import Interval, accuracy


@dataclass(frozen=True, slots=True)
class Examination:
    """The rollouts of one greedy pass over the held-out questions, in their order."""

    rollouts: tuple[Rollout, ...]

    @property
    def scores(self) -> list[float | None]:
        """Strict execution match of each question: 1.0, 0.0, or None where there is no ruler."""
        return [rewards.load("execution_match")(rollout) for rollout in self.rollouts]

    def accuracy(self) -> Interval:
        return accuracy(self.scores)

    def save(self, path: Path, facts: dict[str, Any]) -> None:
        """One JSON line a question: what was written, what the database and the comparison said, every reward."""
        lines = (json.dumps(row(rollout) | facts, ensure_ascii=False) for rollout in self.rollouts)
        write_whole(path, "".join(f"{line}\n" for line in lines))


def row(rollout: Rollout) -> dict[str, Any]:
    """A rollout and all its rewards, as plain JSON."""
    verdict = rollout.verdict
    return {
        "example": rollout.example.id,
        "question": rollout.example.question,
        "gold_sql": rollout.example.gold_sql,
        "difficulty": rollout.example.difficulty,
        "completion": rollout.completion,
        "sql": rollout.sql,
        "gate": rollout.gate,
        "status": rollout.execution.status.value,
        "message": rollout.execution.message,
        "rows": rollout.execution.rows,
        "seconds": round(rollout.execution.seconds, 6),
        "correct": verdict.correct,
        "vacuous": verdict.vacuous,
        "ungradable": verdict.ungradable,
        "reason": verdict.reason,
        "contract": CONTRACT,
        "rewards": {name: rewards.load(name)(rollout) for name in rewards.NAMES},
    }


def examine(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    env: SqlEnv,
    style: Style,
    max_new_tokens: int,
    batch_size: int = 64,
    template: dict[str, Any] | None = None,
) -> Examination:
    """Answer every question greedily and play the answers. The examples must be in `env`."""
    prompts = [prompt_text(tokenizer, example, style, template) for example in examples]
    completions = complete(model, tokenizer, prompts, max_new_tokens, batch_size)
    played = env.play_batch([(example.id, texts[0]) for example, texts in zip(examples, completions, strict=True)])
    return Examination(tuple(played))
