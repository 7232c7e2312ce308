"""GeoQuery (Zelle and Mooney, 1996), as jkkummerfeld/text2sql-data has it (Finegan-Dollak et al., 2018): 877 questions.

`task_path` is a folder with `geography.json` and `geography-db*.sqlite`, or that JSON file. It holds 246 gold queries
with variables in them, each with the ways people asked for it; both are filled in here. Where a query has several texts
the first is the gold and the others are `other_golds`.

All of it is about one database, so splits share their `schema_id`. They are the published *query* split (536 questions
for train, 159 for validation, its dev, and 182 for test): a query of test is in no other split. (The set gives one
query, on how many states have a major river, to train and to dev.) The published *question* split, which puts one query
on both sides, becomes the `category` (`question split train`, dev or test).
A missing database leaves the schema empty: admission (`python -m rewards.validate`) names it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from envs.example import Database, Example
from envs.lexical import tokens
from envs.rows import Row, read
from envs.schema import schema_of
from envs.tasks import Split

QUESTIONS = "geography.json"
PUBLISHED: dict[str, Split] = {"train": "train", "dev": "validation", "test": "test"}
"""The name of a split in the file -> its name here."""


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split, in the order of the file. Errors name the row."""
    if path is None:
        raise ValueError(f"task geoquery needs task_path: a folder with {QUESTIONS} and geography-db.sqlite")
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist")
    file = given / QUESTIONS if given.is_dir() else given
    database = _database(file.parent)
    schema = schema_of(database) if Path(database.path or "").is_file() else ""
    found: list[Example] = []
    for number, row in enumerate(read(file), 1):
        examples = _examples(row, number, database, schema)
        if _split(row) == split:
            found += examples
    if not found:
        raise ValueError(f"{file} has no {split} split")
    return found


def filled(sql: str, values: Mapping[str, str]) -> str:
    """A gold with each variable replaced by its value; a quote in a value is doubled where it would end the text."""
    pieces: list[str] = []
    for kind, start, end in tokens(sql):
        quote = sql[start] if kind in ("string", "name") else ""
        safe = {name: value.replace(quote, 2 * quote) if quote else value for name, value in values.items()}
        pieces.append(replaced(sql[start:end], safe))
    return "".join(pieces)


def replaced(text: str, values: Mapping[str, str]) -> str:
    """`text` with each variable, where it is a whole word, replaced by its value."""
    if not values:
        return text
    names = "|".join(map(re.escape, values))
    return re.sub(rf"\b(?:{names})\b", lambda found: values[found[0]], text)


def _examples(row: Row, number: int, database: Database, schema: str) -> list[Example]:
    golds: list[Any] = _list(row, "sql")
    if not all(isinstance(gold, str) and gold.strip() for gold in golds):
        raise ValueError(f"{row.at}: its sql is not a list of queries")
    variables = [_part(row, value, "a variable") for value in row.values.get("variables") or ()]
    examples: list[Example] = []
    for asked, value in enumerate(_list(row, "sentences"), 1):
        sentence = _part(row, value, f"sentence {asked}")
        values = _values(sentence, variables)
        first, *others = [filled(gold, values) for gold in golds]
        published = sentence.text("question-split")
        examples.append(
            Example(
                id=f"geoquery-{number}-{asked}",
                question=replaced(sentence.need("text"), values),
                database=database,
                schema=schema,
                schema_id="geography",
                gold_sql=first,
                dialect="sqlite",
                category=f"question split {published}" if published else "",
                other_golds=tuple(others),
            )
        )
    return examples


def _values(sentence: Row, variables: list[Row]) -> dict[str, str]:
    """Variable -> its value in this sentence; the example given with the variable where the sentence has none."""
    given: object = sentence.values.get("variables") or {}
    if not isinstance(given, dict):
        raise ValueError(f"{sentence.at}: its variables are no object with a value for each name")
    values = {str(name): str(value) for name, value in cast(Mapping[object, object], given).items()}
    for variable in variables:
        name = variable.need("name")
        if not values.get(name, "").strip():
            values[name] = variable.text("example")
        if not values[name].strip():
            raise ValueError(f"{sentence.at}: the variable {name} has no value")
    return values


def _split(row: Row) -> Split:
    published = row.need("query-split")
    if published not in PUBLISHED:
        raise ValueError(f"{row.at}: query-split {published!r} is none of {', '.join(PUBLISHED)}")
    return PUBLISHED[published]


def _list(row: Row, name: str) -> list[Any]:
    found = row.values.get(name)
    if not isinstance(found, list) or not found:
        raise ValueError(f"{row.at}: it needs {name}, a list with something in it")
    return cast(list[Any], found)


def _part(row: Row, value: object, what: str) -> Row:
    if not isinstance(value, dict):
        raise ValueError(f"{row.at}: {what} is a {type(value).__name__} and not an object with named fields")
    return Row(f"{row.at}, {what}", cast(Mapping[str, Any], value))


def _database(folder: Path) -> Database:
    """The one database of a folder, or where it would be."""
    found = sorted(folder.glob("geography-db*.sqlite"))
    if len(found) > 1:
        raise ValueError(f"{folder} holds {', '.join(f.name for f in found)}; keep the one the questions are about")
    return Database("sqlite", path=str((found[0] if found else folder / "geography-db.sqlite").resolve()))
