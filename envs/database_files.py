"""Where the file of a database is, in data sets that keep each one as FOLDER/DB_ID/DB_ID.sqlite."""

from collections.abc import Iterable
from pathlib import Path

from envs.example import Database, Engine
from envs.rows import Row

ENGINES: dict[str, Engine] = {".sqlite": "sqlite", ".db": "sqlite", ".duckdb": "duckdb"}


LONGEST = 120
"""Characters of a name: with its suffix, and four bytes a character at most in a few, a file system still takes it."""


def name_of(row: Row) -> str:
    """The row's `db_id`. Raises ValueError when it has none, or one that leads to another folder."""
    name = row.need("db_id")
    if name != Path(name).name or name == ".." or "\0" in name or len(name) > LONGEST:
        raise ValueError(f"{row.at}: db_id {name[:LONGEST]!r} is not the name of a database")
    return name


def find(folders: Iterable[Path], name: str) -> Database | None:
    """The first file of that name in these folders, None where no folder has it."""
    for folder in folders:
        for suffix, engine in ENGINES.items():
            found = folder / name / f"{name}{suffix}"
            if found.is_file():
                return Database(engine, path=str(found.resolve()))
    return None
