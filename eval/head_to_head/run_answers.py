"""A run's folder as one seed of a policy: its answers after training, its conditions, its cost."""

from pathlib import Path
from typing import Any

from eval.head_to_head.policies import Answer, Asked, Run
from eval.head_to_head.training_cost import training_cost
from eval.head_to_head.waits import with_waits
from policy import yaml_file
from policy.config_error import ConfigError
from policy.run_cost import json_of
from policy.sample_lines import lines

FIX = "python -m sft.train (or rl.dpo, rl.grpo ...) writes it"


def read_run(folder: Path, answered: str = "after") -> Run:
    """The answers `before` or `after` training. Raises ConfigError where the folder is no finished run, or a file of it
    is damaged."""
    if not (folder / "config.yaml").is_file():
        raise ConfigError(f"{folder} has no config.yaml, so it is no run's folder; name one such as runs/grpo_seedling")
    file = folder / f"eval/{answered}.jsonl"
    if not file.is_file():
        raise ConfigError(
            f"{folder} holds no eval/{answered}.jsonl: its run has not ended yet; finish it with --resume"
        )
    config = {key: entry.value for key, entry in yaml_file.read(folder / "config.yaml").items()}
    rows = lines(file, FIX)
    if not rows:
        raise ConfigError(f"{file} is empty: the run answered no question")
    answers: dict[str, Answer] = {}
    asked: dict[str, Asked] = {}
    for number, row in enumerate(rows, 1):
        name = row["example"]
        if name in answers:
            raise ConfigError(f"{file} line {number} answers {name} again: the file is damaged")
        try:
            answers[name] = _answer(row)
            asked[name] = Asked(row["question"], row["gold_sql"], row["difficulty"])
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{file} line {number} is not what a run writes ({error!r})") from error
    conditions = {
        "task": config.get("task"),
        "split": config.get("held_out_split"),
        "prompt": config.get("prompt"),
        "comparison": config.get("comparison"),
        "contract": _one(rows, "contract", file),
        "decoding": _one(rows, "decoding", file),
    }
    environment = json_of(folder / "environment.json")
    stand_in = bool(environment.get("stand_in")) or any(row.get("stand_in") for row in rows)
    longest = _whole(config.get("max_new_tokens") or config.get("max_completion_length"))
    cost = with_waits(training_cost(folder), folder / "eval/latency.json")
    return Run(str(folder), answers, asked, conditions, config.get("task_path"), stand_in, longest, cost)


def _answer(row: dict[str, Any]) -> Answer:
    if not isinstance(row["correct"], bool | None) or not isinstance(row["sql"], str):
        raise TypeError(f"correct is {row['correct']!r}, sql is a {type(row['sql']).__name__}")
    words = {key: str(row[key]) for key in ("status", "gate", "message", "reason")}
    sample = tuple(tuple(line) for line in row["sample"])
    unscored = "" if row["correct"] is not None else row["ungradable"] or row["message"] or "unscored"
    return Answer(
        sql=row["sql"],
        correct=row["correct"],
        columns=int(row["columns"]),
        rows=int(row["rows"]),
        sample=sample,
        unscored=str(unscored),
        twins=row.get("twins"),
        completion=str(row.get("completion") or ""),
        **words,
    )


def _one(rows: list[dict[str, Any]], key: str, file: Path) -> Any:
    found = {row.get(key) for row in rows}
    if len(found) > 1:
        raise ConfigError(f"{file} holds answers of several kinds: {key} is {' and '.join(map(repr, found))}")
    return found.pop()


def _whole(value: object) -> int | None:
    return value if type(value) is int else None
