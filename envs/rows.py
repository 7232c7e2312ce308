"""The rows of a user's file: JSONL, JSON, CSV or Parquet, each with the place it stands at, for messages."""

import csv
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")

csv.field_size_limit(1 << 30)  # a cell may hold the script of a whole database; the default is 128 KiB


class Row(NamedTuple):
    """`at` reads like "questions.jsonl, line 3", or "row 3" where a file has no lines to count; `values` maps a
    column to what the file holds (None: nothing)."""

    at: str
    values: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """The first of these columns that holds something, as text; "" when none does.

        Raises ValueError where it holds a list or an object: what Python would write of it is not what anybody meant.
        """
        for name in names:
            value = self.values.get(name)
            if value is None or value in ("", [], {}) or value != value:  # a number that is none is an empty cell
                continue
            if isinstance(value, list | dict):
                kind = "a list" if isinstance(value, list) else "an object"
                raise ValueError(f"{self.at}: {name} holds {kind}, and text is needed")
            return str(value)
        return ""

    def need(self, *names: str) -> str:
        """The same, and a ValueError that names the place, the choices and the columns there when none does."""
        found = self.text(*names)
        if not found.strip():
            wanted, there = " or ".join(names), ", ".join(self.values)
            raise ValueError(f"{self.at}: it needs {wanted}, and has: {there or 'nothing'}")
        return found


def read(path: Path) -> list[Row]:
    """All rows of a file, in order. Raises FileNotFoundError, or ValueError that names the place of what is wrong."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file at {path}")
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path} cannot be read as a list of questions; give one that ends in {', '.join(SUFFIXES)}")
    if path.suffix == ".parquet":
        return _parquet(path)
    try:
        if path.suffix == ".csv":
            return _csv(path)
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    return _json(path, text) if path.suffix == ".json" else _jsonl(path, text)


def _json(path: Path, text: str) -> list[Row]:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is not valid JSON: {error}; a file with one object a line is called .jsonl"
        ) from error
    if not isinstance(found, list):
        raise ValueError(f"{path} holds a JSON {type(found).__name__}; a list of rows is needed")
    rows = cast(Sequence[object], found)
    return [_row(f"{path.name}, row {i}", value) for i, value in enumerate(rows, 1)]


def _jsonl(path: Path, text: str) -> list[Row]:
    rows: list[Row] = []
    for i, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path.name}, line {i} is not valid JSON: {error}") from error
        rows.append(_row(f"{path.name}, line {i}", value))
    return rows


def _csv(path: Path) -> list[Row]:
    rows: list[Row] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="", strict=True)
        try:
            for values in reader:
                at = f"{path.name}, line {reader.line_num}"
                if "" in values:
                    raise ValueError(f"{at} has more cells than the first line names; is a comma unquoted?")
                rows.append(Row(at, values))
        except csv.Error as error:
            raise ValueError(f"{path.name}, line {reader.line_num} is not valid CSV: {error}") from error
    return rows


def _parquet(path: Path) -> list[Row]:
    parquet: Any = import_module("pyarrow.parquet")
    arrow: Any = import_module("pyarrow")
    try:
        values: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    except arrow.ArrowInvalid as error:
        raise ValueError(f"{path} is not a Parquet file: {error}") from error
    except OSError as error:  # a damaged page of it, or no permission
        raise ValueError(f"{path} cannot be read: {error}") from error
    return [Row(f"{path.name}, row {i}", row) for i, row in enumerate(values, 1)]


def _row(at: str, value: object) -> Row:
    if not isinstance(value, dict):
        raise ValueError(f"{at} holds a JSON {type(value).__name__}; an object with named columns is needed")
    return Row(at, cast(Mapping[str, Any], value))
