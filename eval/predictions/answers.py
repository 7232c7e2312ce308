"""Predictions beside the questions of a task: which question each answers, for each system apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from envs.example import Example
from envs.named_questions import NamedQuestions
from envs.rows import read
from eval.predictions.formats import Predicted
from policy.config_error import ConfigError


@dataclass(frozen=True, slots=True)
class Answers:
    """By system, and by question in the task's order: what was predicted, in the order of the file. `unknown` rows are
    about questions that the task has not; the first of them is told."""

    systems: dict[str, dict[str, list[Predicted]]]
    unknown: int
    first_unknown: str
    left_out: int


@dataclass(frozen=True, slots=True)
class Column:
    """`ids` maps what the column `name` calls a question to the task's id of it."""

    name: str
    ids: dict[str, str]


def together(
    predicted: Sequence[Predicted],
    examples: Sequence[Example],
    by: str | None,
    name: str,
    column: Column | None,
    repeated: Literal["first", "last"] | None = None,
) -> Answers:
    """`by` is the column that names the system, `name` the only one where there is none; `column` the one that names
    the question, where the questions' own file has it too; `repeated` is which of several answers to one question
    counts, None for all. Raises ConfigError where a place or a database is not the
    question's, where no row is about the task, and where a system has more answers to one question than to others."""
    questions = NamedQuestions.of(examples)
    found: dict[str, dict[str, list[Predicted]]] = {}
    unknown: list[str] = []
    try:
        for one in predicted:
            example = _question(one, examples, questions, column)
            if example is None:
                unknown.append(one.at)
                continue
            system = one.row.need(by) if by and one.row else name
            found.setdefault(system, {}).setdefault(example.id, []).append(one)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if not found:
        told = f"{unknown[0]}: " if unknown else ""
        raise ConfigError(
            f"{told}no prediction is about a question of this task. A row names its question by `example` (as "
            f"{examples[0].id!r}), by `db_id` (as {examples[0].schema_id!r}) and `question`, or by a column that the "
            "questions have too (--id COLUMN); spider and bird go by its place"
        )
    order = {example.id: at for at, example in enumerate(examples)}
    systems = {name: dict(sorted(some.items(), key=lambda item: order[item[0]])) for name, some in found.items()}
    left_out = 0
    if repeated:
        left_out = sum(len(each) - 1 for some in systems.values() for each in some.values())
        at = 0 if repeated == "first" else -1
        systems = {name: {example: [each[at]] for example, each in some.items()} for name, some in systems.items()}
    for name, some in systems.items():
        if len(counts := {len(each) for each in some.values()}) > 1:
            fewest, most = min(counts), max(counts)
            where = next(example for example, each in some.items() if len(each) == most)
            raise ConfigError(
                f"{name} has {most} predictions for {where} and {fewest} for others; if they are of several systems, "
                "say which column names them (--by), and if it was asked again, which answer counts (--repeated last)"
            )
    return Answers(systems, len(unknown), unknown[0] if unknown else "", left_out)


def column_of(column: str, file: Path, examples: Sequence[Example]) -> Column:
    """The column of the questions' own file, which the examples are the rows of. Raises ConfigError
    where the file's rows are not the task's questions, or two are called alike."""
    try:
        rows = read(file)
        if len(rows) != len(examples):
            raise ConfigError(f"{file} has {len(rows):,} rows and the split {len(examples):,}: --id needs them alike")
        called = [row.need(column) for row in rows]
    except (ValueError, OSError) as error:
        raise ConfigError(f"--id {column}: {error}") from error
    found = {name: example.id for name, example in zip(called, examples, strict=True)}
    if len(found) < len(called):
        raise ConfigError(f"--id {column}: two rows of {file} have the same")
    return Column(column, found)


def _question(
    one: Predicted, examples: Sequence[Example], questions: NamedQuestions, column: Column | None
) -> Example | None:
    if one.place is None:
        assert one.row is not None
        if column is None:
            return questions.named(one.row)
        return questions.ids.get(column.ids.get(one.row.need(column.name), ""))
    if one.place >= len(examples):
        raise ConfigError(f"{one.at} is for question {one.place + 1:,}, and the split has {len(examples):,}")
    example = examples[one.place]
    if one.database and one.database != example.schema_id:
        raise ConfigError(
            f"{one.at} is about {one.database}, and question {one.place + 1} of the split about {example.schema_id}: "
            "these are predictions for other questions, or in another order"
        )
    return example
