"""A search as it will run: the base config, the space, the stages, and how each trial is started.

The rule of the stages: the first draws `trials` settings from the space; each later one trains again, with more, the
best `trials` of those that came to their end in the stage before. Importing this imports neither torch nor Optuna.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy import yaml_file
from policy.config import Resolved
from policy.searching.fields import SearchFields
from policy.searching.space import Parameter

BUDGETS = ("train_size", "max_steps", "num_train_epochs")
"""What a stage may say beside `trials`."""

UNWATCHED: dict[str, Any] = {"eval_strategy": "no"}
NEVER_BEST: dict[str, Any] = {
    "load_best_model_at_end": False,
    "early_stopping_patience": None,
    "metric_for_best_model": None,
}
"""A trial is judged by what it ends with: the stages, and not luck on the way, decide."""


@dataclass(frozen=True, slots=True)
class Command:
    """The training command that a search runs: `read` checks an argv as it is written, `resolve` as it will run.
    `answered` is the key that says how many validation questions are answered at each evaluation, `losses` whether it
    measures a loss too, `saves` when a trial saves, where the config's own times are too far apart."""

    module: str
    read: Callable[[Sequence[str]], Resolved[Any]]
    resolve: Callable[[Sequence[str]], Resolved[Any]]
    answered: str
    losses: bool = False
    saves: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """`budget` are the keys that say how much a trial of it trains; `trials` None takes every point of a grid."""

    trials: int
    budget: Mapping[str, Any]

    def in_words(self) -> str:
        return ", ".join(f"{key} {yaml_file.write(value)}" for key, value in self.budget.items()) or "as the config"


@dataclass(frozen=True, slots=True)
class Plan:
    """`asked` are the search's own keys; `grid` the listed settings of a grid, empty for what is drawn."""

    path: Path
    asked: SearchFields
    command: Command
    base: Path
    parameters: tuple[Parameter, ...]
    stages: tuple[Stage, ...]
    folder: Path
    grid: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def name(self) -> str:
        """Of its studies: the plan's own text is in it, so that two plans never share trials."""
        told = json.dumps(self.facts(), sort_keys=True)
        return f"{self.folder.name}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    @property
    def falls(self) -> bool:
        """Whether less is better."""
        return self.asked.metric == "eval_loss"

    @property
    def watched(self) -> bool:
        return self.asked.pruner != "none" or self.asked.metric == "eval_loss"

    @property
    def by_value(self) -> bool:
        """Whether the folders of trials are named by what was tried: a grid of one key, which may grow."""
        return bool(self.grid) and len(self.parameters) == 1

    def folder_of(self, stage: int, number: int, drawn: Mapping[str, Any]) -> Path:
        """Where a trial trains: named by its value in a grid of one key, elsewhere by its number, from 1."""
        if not self.by_value:
            return self.folder / f"stage{stage + 1}" / f"{number + 1:04d}"
        label = str(drawn[self.parameters[0].key]).replace("/", "_")
        return self.folder / label if len(self.stages) == 1 else self.folder / f"stage{stage + 1}" / label

    def facts(self) -> dict[str, Any]:
        """All that decides which trials there are and what they say."""
        own = {key: getattr(self.asked, key) for key in ("space", "stages", "fixed", "metric", "sampler", "seed")}
        own |= {key: getattr(self.asked, key) for key in ("pruner", "evaluations", "watched_questions")}
        return {"module": self.command.module, "config": self.base.read_text(encoding="utf-8")} | own

    def values(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """The keys of the config for what Optuna drew."""
        return {one.key: one.value(drawn[one.key]) for one in self.parameters}

    def argv(self, values: Mapping[str, Any], stage: int, folder: Path) -> list[str]:
        """How a trial is started, behind `python -m MODULE`."""
        keys = dict(self.command.saves) | self.asked.fixed | dict(self.stages[stage].budget) | dict(values)
        keys |= {"output_dir": str(folder), "held_out_split": "validation", "save_strategy": "steps"}
        keys |= NEVER_BEST | (self._evaluations() if self.watched else UNWATCHED)
        if not self.watched and self.command.losses:
            keys[self.command.answered] = 0
        return ["--config", str(self.base), *_words(keys)]

    def watching(self) -> dict[str, str]:
        """The words that have a trial evaluate on the way, whether the search does or not."""
        words = _words(self._evaluations())
        return dict(zip(words[::2], words[1::2], strict=True))

    def _evaluations(self) -> dict[str, Any]:
        answered = 0 if self.falls else self.asked.watched_questions
        return {
            "eval_strategy": "steps",
            "eval_steps": share(self.asked.evaluations),
            self.command.answered: answered,
        }


def share(times: int) -> float:
    """Of all steps between two of so many evaluations. Rounded down: transformers (5.17) rounds the steps up, so that a
    sixth written as 0.166667 would be 3 steps of 12, and 4 evaluations."""
    return 10**6 // times / 10**6 if times > 1 else 0.999999


def _words(keys: Mapping[str, Any]) -> list[str]:
    return [word for key, value in keys.items() for word in (f"--{key}", yaml_file.write(value))]
