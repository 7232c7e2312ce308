"""How others write predicted SQL into files: Spider's text, BIRD's JSON, and rows of anything.

- `spider` (taoyds/test-suite-sql-eval, `--pred`): a query a line in the order of the questions, a tab and the database
  after it or not. Empty lines at the end do not count.
- `bird` (bird-bench/mini_dev and DAMO-ConvAI/bird, `predict_*.json`): an object from the question's place, from 0, to
  the query, `\\t----- bird -----\\t` and the database after it.
- `rows`: JSONL, JSON, CSV or Parquet with the SQL in a column (`SQL` below) and columns that name the question.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from envs.rows import SUFFIXES, Row, read

Format = Literal["spider", "bird", "rows"]
FORMATS: tuple[Format, ...] = get_args(Format)

SQL = ("sql", "pred", "prediction", "predicted_sql", "pred_sql", "generated_sql", "completion", "text", "raw_output")
BIRD = "\t----- bird -----\t"


@dataclass(frozen=True, slots=True)
class Predicted:
    """`text` is the completion or the query; `place` counts the task's questions from 0, where the file goes by place;
    `database` is "" and `row` None where the file has none. `at` says where it stands."""

    at: str
    text: str
    place: int | None = None
    database: str = ""
    row: Row | None = None


def format_of(path: Path) -> Format:
    """What a file looks like. Raises ValueError where that cannot be told."""
    if path.suffix == ".json" and path.read_text(encoding="utf-8-sig", errors="replace").lstrip()[:1] == "{":
        return "bird"
    if path.suffix in SUFFIXES:
        return "rows"
    if path.suffix in (".txt", ".sql", ".tsv", ".out", ""):
        return "spider"
    raise ValueError(f"{path}: what is in it cannot be told by its name; say --format {', '.join(FORMATS)}")


def read_as(path: Path, format_: Format, column: str | None = None) -> list[Predicted]:
    """All predictions of a file in its order; `column` names the one with the SQL. Raises ValueError or OSError that
    names the place of what is wrong."""
    if format_ == "rows":
        names = (column,) if column else SQL
        return [_row(row, names) for row in read(path)]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    return _spider(path, text) if format_ == "spider" else _bird(path, text)


def _row(row: Row, names: tuple[str, ...]) -> Predicted:
    if not any(name in row.values for name in names):
        raise ValueError(
            f"{row.at}: it needs the SQL in a column {' or '.join(names)}, and has: {', '.join(row.values)}. Name the "
            "column with --column"
        )
    return Predicted(row.at, row.text(*names), row=row)


def _spider(path: Path, text: str) -> list[Predicted]:
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    cells = [line.rstrip("\r").partition("\t") for line in lines]
    return [Predicted(f"{path.name}, line {at}", sql, at - 1, db.strip()) for at, (sql, _, db) in enumerate(cells, 1)]


def _bird(path: Path, text: str) -> list[Predicted]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(
            f"{path} holds a JSON {type(found).__name__}; BIRD's predictions are an object from place to SQL"
        )
    predicted: list[Predicted] = []
    for key, value in found.items():
        if not (str(key).isascii() and str(key).isdigit()):
            raise ValueError(f"{path}: its key {str(key)[:40]!r} is no place of a question; BIRD counts them from 0")
        if not isinstance(value, str):  # the official runs write 0 where their model failed
            value = ""
        sql, _, database = value.partition(BIRD)
        predicted.append(Predicted(f"{path.name}, {key}", sql, int(key), database.strip()))
    return predicted
