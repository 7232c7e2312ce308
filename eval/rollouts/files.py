"""What the page needs of a run's folder, read once; the rollouts themselves are streamed."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from policy import rollouts, yaml_file
from policy.config_error import ConfigError
from policy.rollouts import Row


@dataclass(frozen=True, slots=True)
class Run:
    """`weights` are those of the rewards, `metrics` the lines of metrics.jsonl, `questions` what was asked by example.

    `notes` are sentences on what the files lack, for the page and the console.
    """

    folder: Path
    config: dict[str, Any]
    weights: dict[str, float]
    metrics: list[Row]
    questions: dict[str, Row]
    stand_in: bool
    finished: bool
    notes: tuple[str, ...]

    def steps(self) -> Iterator[tuple[int, list[Row]]]:
        """Every step that generated, with its rollouts, from the file anew each time."""
        for step, rows in groupby(rollouts.read(self.folder / "rollouts"), key=lambda row: row["step"]):
            yield step, list(rows)


def read_run(folder: Path) -> Run:
    """Raises ConfigError, with a sentence, for what is no folder of a run or holds no rollouts."""
    if not (folder / "config.yaml").is_file():
        why = "has no config.yaml" if folder.is_dir() else "is not there" if not folder.exists() else "is a file"
        raise ConfigError(f"{folder} {why}, so it is no run's folder; name one such as runs/grpo_seedling")
    config = {key: entry.value for key, entry in yaml_file.read(folder / "config.yaml").items()}
    weights = config.get("rewards") or {}
    if not isinstance(weights, dict):
        raise ConfigError(f"{folder / 'config.yaml'}: rewards is {weights!r}; it must be a mapping, reward: weight.")
    kept = folder / "rollouts"
    if not any(kept.glob("train-*")):
        raise ConfigError(
            f"{kept} holds no rollouts: the run has not generated yet, or its command (python -m sft.train) never does"
        )
    if next(rollouts.read(kept), None) is None:
        raise ConfigError(
            f"no whole batch of rollouts is in {kept}: its first one was torn. Run it again, or resume it"
        )
    questions = rollouts.questions(kept)
    metrics, torn = _metrics(folder / "metrics.jsonl")
    notes = [
        f"{file.name} holds a batch that breaks off: what cannot be read of it is not shown." for file in _torn(kept)
    ]
    if torn:
        notes.append(f"{torn:,} lines of metrics.jsonl are no JSON and were left out.")
    if not metrics:
        notes.append("There is no metrics.jsonl with a number in it, so there are no curves.")
    if not questions:
        notes.append("There is no questions file beside the rollouts: schemas and the golds' results are unknown.")
    return Run(
        folder=folder,
        config=config,
        weights={name: float(weight) for name, weight in weights.items()},
        metrics=metrics,
        questions=questions,
        stand_in=_stand_in(folder / "environment.json"),
        finished=(folder / "summary.json").is_file(),
        notes=tuple(notes),
    )


def _metrics(file: Path) -> tuple[list[Row], int]:
    """The lines, and how many could not be read; a last line that a killed process left half is not counted."""
    if not file.is_file():
        return [], 0
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    found: list[Row] = []
    torn = 0
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            torn += line.endswith("\n")
    return [line for line in found if isinstance(line, dict) and "step" in line], torn


def _torn(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.glob("*.jsonl.gz")):
        try:
            with gzip.open(file) as opened:
                while opened.read(1 << 20):
                    pass
        except (EOFError, gzip.BadGzipFile, zlib.error):
            yield file


def _stand_in(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_text(encoding="utf-8")).get("stand_in"))
    except (OSError, ValueError):
        return False
