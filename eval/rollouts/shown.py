"""A rollout and a question as the page shows them: every number finite, every cell as text."""

from typing import Any

from eval.rollouts.curves import number
from policy.rollouts import Row

CELL = 300
"""Most characters of one value of a result table."""
AS_THEY_ARE = ("completion", "sql", "gate", "status", "message", "columns", "rows", "correct", "ungradable", "reason")


def shown_row(row: Row, question: int, place: int, total: float | None, marks: int) -> dict[str, Any]:
    """`question` is its place among the questions, `place` its own in its step, `marks` the bits of the filters."""
    return {name: row.get(name) for name in AS_THEY_ARE} | {
        "question": question,
        "place": place,
        "total": total,
        "marks": marks,
        "process": row.get("process", 0),
        "sample": cells(row.get("sample")),
        "overlap": number(row.get("overlap")),
        "rewards": {name: number(score) for name, score in row["rewards"].items()},
        "advantage": number(row.get("advantage")),
        "tokens": row.get("tokens"),
        "turns": [_turn(turn) for turn in row.get("turns") or []],
    }


def shown_question(row: Row, schemas: dict[str, int]) -> dict[str, Any]:
    """A line of the questions file, or a rollout where there is none; schemas are kept once, in `schemas`."""
    schema = row.get("schema")
    of_question = isinstance(schema, str) or "database" in row
    text = schema if isinstance(schema, str) else ""
    return {name: str(row.get(name) or "") for name in ("example", "database", "question", "evidence", "gold_sql")} | {
        "kind": ", ".join(str(row[name]) for name in ("engine", "difficulty", "category") if row.get(name)),
        "schema": schemas.setdefault(text, len(schemas)),
        "gold": {"columns": row["columns"], "rows": row["rows"], "sample": cells(row["sample"])}
        if of_question
        else None,
    }


def cells(sample: list[list[Any]] | None) -> list[list[Any]]:
    """Text as text, a number as a list with its text (a browser would round it), null as null."""
    return [[_cell(value) for value in line] for line in sample or []]


def _cell(value: Any) -> str | list[str] | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, int | float):
        return [repr(value)]
    text = str(value)
    return text if len(text) <= CELL else f"{text[:CELL]} ... ({len(text):,} characters)"


def _turn(turn: Row) -> dict[str, str]:
    return {name: str(turn.get(name) or "") for name in ("text", "sql", "status", "message", "observation")}
