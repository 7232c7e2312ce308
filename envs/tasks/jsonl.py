"""A user's own questions: a JSONL, JSON, CSV or Parquet file given as `task_path`.

Each row has `question`, the gold as `sql` (or `query`, `gold_sql`), and either `database` (a SQLite or DuckDB file, its
path relative to this file) or `script` (SQL that builds one). It may have `engine` (else .duckdb says DuckDB and
anything else SQLite), `dialect` (else the engine's), `schema` (else it is read from the database), `evidence`,
`difficulty`, `category`, `id`, `split` and `other_golds`, a list of further queries that answer it too. Other columns
are ignored. A row that has a `schema`, be it empty, is kept though its database is not there: admission names it.

Where the rows have a `split`, it is taken as it stands, even if a database is in two of them. Otherwise the file is
divided by database, about 80/10/10; with fewer than three databases, by question.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import cast, get_args

from envs.example import Database, Engine, Example
from envs.prompt import DIALECTS
from envs.rows import Row, read
from envs.schema import schema_of
from envs.splits import divide
from envs.tasks import Split

GOLD = ("sql", "query", "gold_sql")
DIALECT_CHOICES = tuple(DIALECTS)
ENGINE_CHOICES: tuple[str, ...] = get_args(Engine)
SPLIT_CHOICES: tuple[str, ...] = get_args(Split)


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split, in the order of the file. Errors name the line."""
    if path is None:
        raise ValueError("task jsonl needs task_path: a .jsonl file with a question, sql and a database on each line")
    file = Path(path)
    rows = read(file)
    examples = [_example(row, file) for row in rows]
    repeated = _first_repeated([example.id for example in examples])
    if repeated is not None:
        raise ValueError(f"{rows[repeated].at}: id {examples[repeated].id!r} was used before; give every row its own")
    splits = _splits(rows, examples)
    found = [example for example, of in zip(examples, splits, strict=True) if of == split]
    if not found:
        raise ValueError(
            f"{path} has no {split} split: its {len(rows)} rows give {', '.join(sorted(set(splits))) or 'nothing'}"
        )
    return found


def _example(row: Row, file: Path) -> Example:
    question, gold = row.need("question"), row.need(*GOLD)
    database = _database(row, file)
    if database.script is not None:
        schema_id = hashlib.sha256(database.script.encode()).hexdigest()[:16]
    else:
        schema_id = row.text("database")
    return Example(
        id=row.text("id") or row.at,
        question=question,
        database=database,
        schema=row.text("schema") or _schema(database, row),
        schema_id=schema_id,
        gold_sql=gold,
        dialect=_choice(row, "dialect", DIALECT_CHOICES) or database.engine,
        evidence=row.text("evidence"),
        difficulty=row.text("difficulty"),
        category=row.text("category"),
        other_golds=_other_golds(row),
    )


def _database(row: Row, file: Path) -> Database:
    where, script = row.text("database"), row.text("script")
    if bool(where) == bool(script):
        raise ValueError(
            f"{row.at}: it needs either database (a path) or script, and has {'both' if where else 'neither'}"
        )
    given = _choice(row, "engine", ENGINE_CHOICES)
    engine: Engine = "duckdb" if given == "duckdb" or (not given and where.endswith(".duckdb")) else "sqlite"
    if script:
        return Database(engine, script=script)
    return Database(engine, path=str((file.parent / where).resolve()))


def _choice(row: Row, name: str, choices: tuple[str, ...]) -> str:
    found = row.text(name)
    if found and found not in choices:
        raise ValueError(f"{row.at}: {name} {found!r} is none of {', '.join(choices)}")
    return found


def _schema(database: Database, row: Row) -> str:
    try:
        return _schema_once(database)
    except FileNotFoundError as error:
        if "schema" in row.values:
            return ""
        raise FileNotFoundError(f"{row.at}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{row.at}: {error}") from error


def _other_golds(row: Row) -> tuple[str, ...]:
    found: object = row.values.get("other_golds") or []
    golds = cast(list[object], found) if isinstance(found, list) else [found]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in golds):
        raise ValueError(f"{row.at}: other_golds is {str(golds)[:60]}, and a list of queries is needed")
    return tuple(map(str, golds))


@lru_cache(maxsize=256)
def _schema_once(database: Database) -> str:
    return schema_of(database)


def _splits(rows: list[Row], examples: list[Example]) -> list[str]:
    """The split of each row."""
    given = [_choice(row, "split", SPLIT_CHOICES) for row in rows]
    if all(given):
        return given
    if any(given):
        raise ValueError(
            f"{rows[given.index('')].at}: it has no split, and other rows have one; give all a split or none"
        )
    keys = [example.schema_id for example in examples]
    if len(set(keys)) < 3:
        keys = [example.question for example in examples]
    splits = divide(keys)
    return [splits[key] for key in keys]


def _first_repeated(ids: list[str]) -> int | None:
    seen: set[str] = set()
    for i, each in enumerate(ids):
        if each in seen:
            return i
        seen.add(each)
    return None
