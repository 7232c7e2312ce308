"""The benchmark of DuckDB-NSQL (NumbersStationAI/DuckDB-NSQL, eval/data): 75 questions in DuckDB's own dialect.

`task_path` is a folder with `dev.json`, `tables.json` (not read) and `databases/DB_ID/DB_ID.duckdb`; or such a JSON
file. It is a benchmark: all of it, though published as dev, is the test split.

Every row becomes an example. Some golds cannot be graded in this sandbox, and admission (`python -m rewards.validate`)
says why: they read the network or files, are settings (SET, PRAGMA, ATTACH), or sample at random. A row whose
`setup_sql` does something needs it run before the gold; on an empty database that is what a script is for, and on one
with tables the example's database is a script that only says so. A missing database leaves the schema empty.
"""

from pathlib import Path

from envs.example import Database, Example
from envs.rows import Row, read
from envs.schema import schema_of, statements
from envs.tasks import Split

QUESTIONS = "dev.json"
EMPTY = "none"
"""The database without a table."""


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples, in the order of the file. Errors name the row."""
    if path is None:
        raise ValueError(f"task duckdb_nsql needs task_path: a folder with {QUESTIONS} and databases/")
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist")
    if split != "test":
        raise ValueError(f"task duckdb_nsql is a benchmark, all of it test; it has no {split} split")
    file = given / QUESTIONS if given.is_dir() else given
    files: dict[str, Database] = {}
    schemas: dict[str, str] = {}
    examples: list[Example] = []
    for number, row in enumerate(read(file), 1):
        name = row.need("db_id")
        if name not in files:
            files[name] = _file(row, file.parent, name)
            schemas[name] = schema_of(files[name]) if Path(files[name].path or "").is_file() else ""
        examples.append(
            Example(
                id=f"duckdb_nsql-{number}",
                question=row.need("question"),
                database=_set_up(row, name) or files[name],
                schema=schemas[name],
                schema_id=name,
                gold_sql=row.need("query"),
                dialect="duckdb",
                category=row.text("category"),
            )
        )
    return examples


def _set_up(row: Row, name: str) -> Database | None:
    """What to open where `setup_sql` does something; None where it is nothing but semicolons."""
    setup = row.text("setup_sql")
    if not any(statements(setup)):
        return None
    if name == EMPTY:
        return Database("duckdb", script=setup)
    why = f"the question needs its setup_sql run on {name}.duckdb first: {' '.join(setup.split())[:150]}"
    return Database("duckdb", script="SELECT error('" + why.replace("'", "''") + "')")


def _file(row: Row, folder: Path, name: str) -> Database:
    """The file of a database, or where it would be."""
    if name != Path(name).name:
        raise ValueError(f"{row.at}: db_id {name!r} is not the name of a database")
    return Database("duckdb", path=str((folder / "databases" / name / f"{name}.duckdb").resolve()))
