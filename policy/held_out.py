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
from policy import processes
from policy.chat import prompt_text, stop_tokens, tokens_of
from policy.exchange import Exchange
from policy.generate import continuations
from policy.rollouts import row
from policy.run_folder import write_whole
from policy.thoughts import opened
from policy.turns import Allowance, Turns, Written
from rewards.paired import Interval, accuracy


@dataclass(frozen=True, slots=True)
class Examination:
    """The rollouts of one greedy pass over the held-out questions, in their order; with several turns, those of the
    queries that count, and the exchanges they ended."""

    rollouts: tuple[Rollout, ...]
    exchanges: tuple[Exchange, ...] = ()

    @property
    def scores(self) -> list[float | None]:
        """Strict execution match of each question: 1.0, 0.0, or None where there is no ruler."""
        return [rewards.load("execution_match")(rollout) for rollout in self.rollouts]

    def accuracy(self) -> Interval:
        return accuracy(self.scores)

    def save(self, path: Path, facts: dict[str, Any]) -> None:
        """One JSON line a question: what was written, what the database and the comparison said, every reward."""
        turns = [one.row() for one in self.exchanges] or [{} for _ in self.rollouts]
        lines = (
            json.dumps(row(one) | more | {"seconds": round(one.execution.seconds, 6)} | facts, ensure_ascii=False)
            for one, more in zip(self.rollouts, turns, strict=True)
        )
        write_whole(path, "".join(f"{line}\n" for line in lines))


def examine(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    env: SqlEnv,
    style: Style,
    max_new_tokens: int,
    batch_size: int = 64,
    template: dict[str, Any] | None = None,
    allowance: Allowance | None = None,
    split: bool = True,
) -> Examination:
    """Answer every question greedily, by turns if there is an `allowance` of them, and play the answers. The examples
    must be in `env`.

    The processes of a run each answer some of the batches, which are the same however many they are, and all get the
    whole. Without `split` each answers all, as they must where none holds the whole policy.
    """
    player = _Player(env)

    def answered(asked: Sequence[Sequence[int]], most: int) -> list[list[int]]:
        share = processes.share() if split else (0, 1)
        parts = processes.gather(continuations(model, tokenizer, asked, most, batch_size, share=share))
        return [max(each)[0] for each in zip(*parts, strict=True)]

    prompts = [prompt_text(tokenizer, one, style, template, allowance.turns if allowance else 1) for one in examples]
    if allowance:

        def greedily(asked: list[list[int]], most: int) -> list[Written]:
            return [Written(ids) for ids in answered(asked, most)]

        turns = Turns(player, tokenizer, stop_tokens(tokenizer, model), allowance, template)
        ids = [(one.id, tokens_of(tokenizer, prompt)) for one, prompt in zip(examples, prompts, strict=True)]
        exchanges = turns.take(ids, greedily)
        played = player.play_batch([(one.example_id, one.final) for one in exchanges])
        return Examination(tuple(played), tuple(exchanges))
    asked = tokenizer(prompts, add_special_tokens=False)["input_ids"] if prompts else []
    written = tokenizer.batch_decode(answered(asked, max_new_tokens), skip_special_tokens=True)
    texts = [opened(prompt) + text for prompt, text in zip(prompts, written, strict=True)]
    return Examination(tuple(player.play_batch([(one.id, text) for one, text in zip(examples, texts, strict=True)])))


@dataclass(frozen=True, slots=True)
class _Player:
    """What all processes have answered alike is played once, in the first of them."""

    env: SqlEnv

    def play_batch(self, completions: Sequence[tuple[str, str]]) -> list[Rollout]:
        return processes.from_first(lambda: self.env.play_batch(completions))


def examined(path: Path, examples: Sequence[Example], env: SqlEnv) -> Examination | None:
    """The examination that `save` wrote there, its answers played again; None where it was of other questions, or is
    not there whole."""
    if not path.is_file():
        return None
    try:
        # read line by line: str.splitlines would tear one at U+2028 in its text
        with path.open(encoding="utf-8", errors="surrogatepass") as lines:
            answers = [(line["example"], line["completion"]) for line in map(json.loads, lines)]
    except (ValueError, KeyError, TypeError):
        return None
    if [asked for asked, _ in answers] != [example.id for example in examples]:
        return None
    return Examination(tuple(env.play_batch(answers)))
