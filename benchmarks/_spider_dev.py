"""Real predictions beside their gold, from a folder laid out like `spider_dev_open`."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs.example import Database


@dataclass(frozen=True, slots=True)
class Group:
    """One question: its database file, its gold, and what each system wrote, with the labels of each."""

    question: int
    db_id: str
    path: str
    gold: str
    predictions: tuple[str, ...]
    labels: tuple[dict[str, Any], ...]

    @property
    def database(self) -> Database:
        return Database("sqlite", path=self.path)


def groups(folder: Path) -> list[Group]:
    """All questions with their predictions, in the order of the file."""
    golds = {row["dev_idx"]: row["query"] for row in json.loads((folder / "questions.json").read_text())}
    found: dict[int, list[dict[str, Any]]] = {}
    for line in (folder / "predictions_labeled.jsonl").read_text().splitlines():
        row = json.loads(line)
        found.setdefault(row["dev_idx"], []).append(row)
    return [
        Group(
            question,
            rows[0]["db_id"],
            str((folder / "database" / rows[0]["db_id"] / f"{rows[0]['db_id']}.sqlite").resolve()),
            golds[question],
            tuple(row["pred"] for row in rows),
            tuple(rows),
        )
        for question, rows in found.items()
    ]


def scripted(path: str) -> Database:
    """The tables of a SQLite file as a DuckDB script, with the type each column really holds."""
    source = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    source.text_factory = lambda b: b.decode(errors="replace")
    names = [
        n
        for (n,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'")
    ]
    script: list[str] = []
    for name in names:
        columns = [str(row[1]) for row in source.execute(f'PRAGMA table_info("{name}")')]
        rows = source.execute(f'SELECT * FROM "{name}"').fetchall()
        kinds = [_kind({type(row[i]) for row in rows} - {type(None)}) for i in range(len(columns))]
        declared = ", ".join(f'"{column}" {kind}' for column, kind in zip(columns, kinds, strict=True))
        script.append(f'CREATE TABLE "{name}" ({declared});')
        for start in range(0, len(rows), 500):
            values = ", ".join(
                "(" + ", ".join(_literal(v, k) for v, k in zip(row, kinds, strict=True)) + ")"
                for row in rows[start : start + 500]
            )
            script.append(f'INSERT INTO "{name}" VALUES {values};')
    return Database("duckdb", script="\n".join(script))


def _kind(types: set[type]) -> str:
    if types <= {int} and types:
        return "BIGINT"
    return "DOUBLE" if types <= {int, float} and types else "VARCHAR"


def _literal(value: object, kind: str) -> str:
    if value is None:
        return "NULL"
    return str(value) if kind != "VARCHAR" else "'" + str(value).replace("'", "''") + "'"
