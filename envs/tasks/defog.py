"""defog's sql-eval (defog-ai/sql-eval and defog-ai/defog-data): 117 questions about four databases, in SQLite.

`task_path` is a folder with the CSV files of questions (`*_sqlite.csv`, all of which are read) and `DB_NAME.sqlite` for
each database; or one CSV file. It is a benchmark: all of it is the test split. A database that is missing leaves the
schema empty, and admission (`python -m rewards.validate`) names it.

A row holds every gold that its author accepts, split by semicolons: the first is the gold, the others `other_golds`.
`{a, b}` in one means any non-empty choice of these columns, kept in their order, and a later `{}` the same choice
again: one gold for each, the smallest first, at most 64 a row.

The file of PostgreSQL questions is read when it is given by name. Its database is then the script
`DB_NAME.postgres.sql`, to be built by DuckDB, which knows neither SERIAL nor a schema called public: those rows load,
and admission says why they cannot be graded.
"""

from itertools import combinations
from pathlib import Path

from envs.example import Database, Example
from envs.lexical import Token, tokens
from envs.rows import Row, read
from envs.schema import schema_of
from envs.tasks import Split

MOST_GOLDS = 64
"""Of one row: a choice among six columns."""

LEVELS = ("basic", "advanced")
"""What the name of a file may say of how hard its questions are."""


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples, file by file in the order of their names. Errors name the line."""
    if path is None:
        raise ValueError(
            "task defog needs task_path: a folder with *_sqlite.csv files and the databases, or one CSV file"
        )
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist")
    if split != "test":
        raise ValueError(f"task defog is a benchmark, all of it test; it has no {split} split to train or choose on")
    files = [given] if given.is_file() else sorted(given.glob("*_sqlite.csv"))
    if not files:
        raise FileNotFoundError(f"{path} holds no questions: no file that ends in _sqlite.csv; or give one CSV file")
    databases: dict[tuple[str, str], tuple[Database, str]] = {}
    return [_example(row, file, number, databases) for file in files for number, row in enumerate(read(file), 1)]


def golds(query: str, at: str) -> list[str]:
    """Every gold of one row, distinct, in order. Raises ValueError, starting with `at`, for none or too many."""
    found: dict[str, None] = {}
    for statement in split_statements(query):
        for gold in choices(statement, at):
            found[gold] = None
            if len(found) > MOST_GOLDS:
                raise ValueError(
                    f"{at}: its query stands for more than {MOST_GOLDS} golds; give fewer columns to choose"
                )
    if not found:
        raise ValueError(f"{at}: its query holds no statement")
    return list(found)


def split_statements(query: str) -> list[str]:
    """The statements of `query`, cut at semicolons outside strings and comments."""
    cuts = [token.start for token in tokens(query) if token.kind == "semicolon"]
    pieces = [query[start + 1 : end] for start, end in zip([-1, *cuts], [*cuts, len(query)], strict=True)]
    return [piece.strip() for piece in pieces if any(t.kind not in ("space", "comment") for t in tokens(piece))]


def choices(statement: str, at: str) -> list[str]:
    """The statements that one with `{a, b}` in it stands for; itself when there is none."""
    found = list(tokens(statement))
    opening = next((i for i, token in enumerate(found) if _is(statement, token, "{")), None)
    if opening is None:
        return [statement]
    closing = next((i for i in range(opening, len(found)) if _is(statement, found[i], "}")), None)
    if closing is None:
        raise ValueError(f"{at}: a brace is open at the end of its query")
    columns = [c.strip() for c in statement[found[opening].end : found[closing].start].split(",") if c.strip()]
    if not columns:
        raise ValueError(f"{at}: its query has {{}} before the columns to choose from")
    if 2 ** len(columns) - 1 > MOST_GOLDS:
        raise ValueError(f"{at}: its query stands for more than {MOST_GOLDS} golds; give fewer columns to choose")
    before, after = statement[: found[opening].start], statement[found[closing].end :]
    made: list[str] = []
    for size in range(1, len(columns) + 1):
        for chosen in map(", ".join, combinations(columns, size)):
            made += choices(before + chosen + after.replace("{}", chosen), at)
    return made


def _is(text: str, token: Token, bracket: str) -> bool:
    return token.kind in ("open", "close") and text[token.start] == bracket


def _example(row: Row, file: Path, number: int, databases: dict[tuple[str, str], tuple[Database, str]]) -> Example:
    name = row.need("db_name")
    dialect = row.text("db_type") or ("postgres" if file.stem.endswith("_postgres") else "sqlite")
    if (name, dialect) not in databases:
        database = _database(row, file.parent, name, dialect)
        there = database.script is not None or Path(database.path or "").is_file()
        databases[name, dialect] = database, schema_of(database) if there else ""
    database, schema = databases[name, dialect]
    first, *others = golds(row.need("query"), row.at)
    return Example(
        id=f"{file.stem}-{number}",
        question=row.need("question"),
        database=database,
        schema=schema,
        schema_id=name,
        gold_sql=first,
        dialect=dialect,
        evidence=row.text("instructions"),
        difficulty=next((level for level in LEVELS if f"_{level}_" in file.stem), ""),
        category=row.text("query_category"),
        other_golds=tuple(others),
    )


def _database(row: Row, folder: Path, name: str, dialect: str) -> Database:
    """The file of a database, or where it would be; for PostgreSQL the script that should build it."""
    if name != Path(name).name:
        raise ValueError(f"{row.at}: db_name {name!r} is not the name of a database")
    if dialect == "sqlite":
        return Database("sqlite", path=str((folder / f"{name}.sqlite").resolve()))
    if dialect != "postgres":
        raise ValueError(f"{row.at}: db_type {dialect!r} is neither sqlite nor postgres")
    script = folder / f"{name}.postgres.sql"
    if not script.is_file():
        return Database("duckdb", path=str(script.resolve()))
    return Database("duckdb", script=script.read_text(encoding="utf-8"))
