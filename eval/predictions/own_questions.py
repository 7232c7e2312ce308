"""Questions that a file of predictions holds itself, as a file that the task `jsonl` reads.

Files of labelled predictions often repeat question, gold and the name of the database in every row. Each question is
kept once (by `question_id`, where rows have it, and its words and gold); its database is looked for as
FOLDER/NAME/NAME.sqlite (.db, .duckdb). One that is not there is no reason to drop a question: it stays, and scoring
says that it cannot be graded and why.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from envs import database_files
from envs.explore.texts import gold_key, question_key
from envs.named_questions import DATABASE, GOLDS
from envs.rows import Row

UNTOLD = "(the file does not tell the question)"
NAMED = (*DATABASE, "table_id")


def own_questions(rows: Sequence[Row], folder: Path) -> tuple[str, list[int]]:
    """JSON lines, in the order in which the questions come first, and for each row the place of its question there.
    Raises ValueError that names the row which has no question, gold or database, or differs from another of the same
    id."""
    found: dict[str, dict[str, object]] = {}
    known: dict[tuple[str, ...], int] = {}
    places: list[int] = []
    for row in rows:
        golds, question = _golds(row), row.text("question") or UNTOLD
        name = row.need(*NAMED)
        key = (row.text("question_id"), name.lower(), question_key(question), gold_key(golds[0]))
        places.append(known.setdefault(key, len(known)))
        if places[-1] < len(found):
            continue
        id = f"{name}-{row.text('question_id') or len(known)}"
        if id in found:
            raise ValueError(f"{row.at}: {id} is another question than before, or has another gold")
        one = {"id": id, "split": "test", "question": question, "sql": golds[0]}
        found[id] = one | _database(name, row, folder) | _more(row, golds)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found.values()), places


def _database(name: str, row: Row, folder: Path) -> dict[str, str]:
    if name != Path(name).name or name == "..":
        raise ValueError(f"{row.at}: {name[:60]!r} is not the name of a database")
    there = database_files.find([folder], name)
    if there is not None and there.path is not None:
        return {"database": there.path, "engine": there.engine}
    return {"database": str((folder / name / f"{name}.sqlite").resolve()), "schema": ""}


def _golds(row: Row) -> list[str]:
    """One query or a list of them."""
    for column in GOLDS:
        value: object = row.values.get(column)
        if isinstance(value, list) and value and all(isinstance(one, str) for one in cast(list[object], value)):
            return cast(list[str], value)
    return [row.need(*GOLDS)]


def _more(row: Row, golds: Sequence[str]) -> dict[str, object]:
    told = {key: text for key in ("evidence", "difficulty", "category") if (text := row.text(key))}
    return {**told, "other_golds": golds[1:]} if len(golds) > 1 else dict(told)
