"""What is asked: one question, the database it is about, and the SQL that answers it."""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["sqlite", "duckdb"]


@dataclass(frozen=True, slots=True)
class Database:
    """A database file, or the script that builds one in memory. Exactly one of the two is given."""

    engine: Engine
    path: str | None = None
    script: str | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.script is None):
            raise ValueError("a Database needs either a path or a script, not both and not neither")


@dataclass(frozen=True, slots=True)
class Shot:
    """Another question with its gold, shown in a prompt (`envs.presentation.shots`). `schema` is what its own database
    is shown as, "" where that is the asked question's."""

    question: str
    gold_sql: str
    dialect: str
    schema: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its gold SQL.

    `schema` is what the policy is shown of the database; `dialect` is the SQL dialect it is asked to write, in
    sqlglot's names, which may differ from the engine that executes it (PostgreSQL text, run on DuckDB).
    `schema_id` says which database this is about: splits never share one, unless the whole task is about one.
    `other_golds` are further queries that answer the same question, where a set gives several: an answer is right when
    it matches any of them, and `gold_sql` is the one that is shown and taught.
    `shown` is the schema in another style (`envs.schema_styles`), for the prompt alone; "" shows `schema` itself.
    `shots` are for the prompt alone too, the one that matters most first.
    """

    id: str
    question: str
    database: Database
    schema: str
    schema_id: str
    gold_sql: str
    dialect: str
    evidence: str = ""
    difficulty: str = ""
    category: str = ""
    other_golds: tuple[str, ...] = ()
    shown: str = ""
    shots: tuple[Shot, ...] = ()
