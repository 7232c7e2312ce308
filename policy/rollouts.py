"""Every rollout of a run on disk: `rollouts/train-PROCESS.jsonl.gz`, and the questions they answer beside them.

Each generation batch is one gzip member, appended when it is complete: `zcat` and pandas read the whole as one file, a
killed process tears at most the last member, and a resumed run cuts off what it will write again, to the byte. For that
no row holds a time. Imports no torch.
"""

import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import rewards
from envs.execution import Execution, Value
from envs.rollout import Rollout
from envs.verdict import CONTRACT
from policy.config_error import ConfigError
from policy.gzip_members import members, squeezed

SCHEMA = 2
"""Of the rows, written into each. 1 was plain JSON lines without result tables."""

Row = dict[str, Any]


class Rollouts:
    """Writes the rollouts of one process of a run into its folder `rollouts`."""

    def __init__(self, folder: Path, process: int = 0) -> None:
        folder.mkdir(exist_ok=True)
        self._rows = folder / f"train-{process}.jsonl.gz"
        self._questions = folder / f"questions-{process}.jsonl.gz"
        self._asked = {line["example"] for line in _lines(self._questions)}

    def append(self, rows: Sequence[Row]) -> None:
        """Keep the rows of one generation batch, each with its `step`."""
        _append(self._rows, rows)

    def unasked(self, examples: Sequence[str]) -> list[str]:
        """Which of these questions have not been asked before, each once."""
        return [example for example in dict.fromkeys(examples) if example not in self._asked]

    def append_questions(self, step: int, golds: Sequence[Rollout]) -> None:
        """Keep what is asked for the first time at a step, each as its gold played as an answer."""
        if golds:
            _append(self._questions, [{"schema": SCHEMA, "step": step} | question(gold) for gold in golds])
            self._asked.update(gold.example.id for gold in golds)


def row(rollout: Rollout, scores: Mapping[str, float | None] | None = None) -> Row:
    """A rollout as plain JSON, with `scores` or, without, what every reward says of it."""
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
        **result(rollout.execution),
        "correct": verdict.correct,
        "vacuous": verdict.vacuous,
        "constant": verdict.constant,
        "twins": verdict.twins,
        "overlap": verdict.overlap,
        "ungradable": verdict.ungradable,
        "reason": verdict.reason,
        "contract": CONTRACT,
        "rewards": scores or {name: rewards.score_if_any(name, rollout) for name in rewards.NAMES},
    }


def question(gold: Rollout) -> Row:
    """What is asked, and what its gold returns."""
    example = gold.example
    return {
        "example": example.id,
        "database": example.schema_id,
        "engine": example.database.engine,
        "schema": example.schema,
        "question": example.question,
        "evidence": example.evidence,
        "gold_sql": example.gold_sql,
        "difficulty": example.difficulty,
        "category": example.category,
        **result(gold.execution),
    }


def result(execution: Execution) -> Row:
    """Size and first rows of what came back, in JSON's own values as far as they go."""
    sample = [[_plain(value) for value in line] for line in execution.sample]
    return {"columns": execution.columns, "rows": execution.rows, "sample": sample}


def _plain(value: Value) -> Value:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value) if isinstance(value, float) and value - value != 0 else value


def read(folder: Path) -> Iterator[Row]:
    """All rows of a run's `rollouts` in the order of their steps, processes side by side; a torn end is left out.

    Raises ConfigError where there is none, or rows of another schema.
    """
    files = sorted(folder.glob("train-*.jsonl.gz"))
    if not files:
        old = ", of an older version of the lab: run it again" if any(folder.glob("train-*.jsonl")) else ""
        raise ConfigError(f"there are no rollouts in {folder}{old}")
    for line in heapq.merge(*(_lines(file) for file in files), key=lambda line: line["step"]):
        if line["schema"] != SCHEMA:
            raise ConfigError(f"{folder} holds rollouts of schema {line['schema']}, and this lab reads {SCHEMA}")
        yield line


def questions(folder: Path) -> dict[str, Row]:
    """What was asked, by example."""
    return {line["example"]: line for file in sorted(folder.glob("questions-*.jsonl.gz")) for line in _lines(file)}


def cut(folder: Path, step: int) -> None:
    """Drop what was generated at a step or after it, and torn ends: the run that is resumed there writes it again."""
    for file in folder.glob("*.jsonl.gz"):
        whole = 0
        for member, end in members(file):
            if json.loads(member.split(b"\n", 1)[0])["step"] >= step:
                break
            whole = end
        with file.open("r+b") as opened:
            opened.truncate(whole)


def _append(file: Path, rows: Sequence[Row]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with file.open("ab") as opened:
        opened.write(squeezed(text.encode("utf-8", "surrogatepass")))


def _lines(file: Path) -> Iterator[Row]:
    for member, _ in members(file):
        for line in member.splitlines():
            try:
                row = json.loads(line.decode("utf-8", "surrogatepass"))
                if row["schema"] == SCHEMA and {"step", "example"} - row.keys():
                    raise ValueError("it lacks its step or example")
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{file} holds a line that is no rollout of this lab's: {error!r}") from error
            yield row
