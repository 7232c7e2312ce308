"""Engines: what executes SQL. One engine a file; the file list is the registry.

An engine file `envs/engines/NAME.py` defines `open_database(database, writable=False) -> Connection`. A file opens
read-only; `writable` gives a copy in memory that is thrown away. It raises `NoDatabase` with a sentence when there is
nothing to open. Engines are used inside a sandbox worker only, and their libraries are imported by nobody else.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from envs.example import Database
from envs.execution import Status
from envs.values import Row

NAMES = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if not f.stem.startswith("_"))
SETUP_SECONDS = 10.0
"""What building or opening a database may take, in wall seconds."""
UNLIMITED = sys.maxsize
"""A budget of steps that never ends."""


class NoDatabase(Exception):
    """The file is missing or is not a database, or the script does not build one; the text says which."""


class Result(NamedTuple):
    """The whole answer to one statement, in normal form (`envs.values`); no rows unless `status` is ok.

    A tuple, as one is made for every statement. `steps` is what it cost in the engine's own unit, the same on every
    machine (SQLite: thousands of opcodes; 0 where the engine has none). `tables` are those it read, in lower case, None
    where the engine does not say.
    """

    status: Status
    columns: int = 0
    rows: Sequence[Row] = ()
    names: tuple[str, ...] = ()
    seconds: float = 0.0
    message: str = ""
    steps: int = 0
    tables: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """What one table or view holds. `columns` describes each column: name, type, and what else its declaration says."""

    columns: tuple[tuple[str, ...], ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class State:
    """Everything a statement can have changed; names are in lower case."""

    relations: Mapping[str, Relation] = field(default_factory=dict[str, Relation])
    indexes: frozenset[tuple[str, ...]] = frozenset()


class Connection(Protocol):
    """One open database. Nothing here raises on any text of a statement."""

    def execute(self, sql: str, seconds: float, rows: int, steps: int = UNLIMITED) -> Result:
        """Run one statement; more rows than `rows` is a status of its own, never a prefix.

        `steps` is a budget in the engine's own unit of work (see `Result`), `seconds` one of the wall's clock.
        """
        ...

    def schema(self) -> str:
        """One line for each table: a compact CREATE TABLE with types, primary and foreign keys."""
        ...

    def state(self, rows: int, seconds: float = SETUP_SECONDS) -> State:
        """The contents of the database.

        Raises `OverflowError` when a table or view holds more than `rows` rows, or takes too long to read.
        """
        ...

    def close(self) -> None: ...


class EngineModule(Protocol):
    def open_database(self, database: Database, writable: bool = False) -> Connection: ...

    def widest_step(self, connection: Connection, sql: str, tables: Mapping[str, str], seconds: float) -> int | None:
        """Rows that the widest step of a query's plan goes through, by the engine's estimate; it is not run. None where
        the engine does not say. `tables` maps the query's aliases to tables."""
        ...

    def crowded(self) -> bool:
        """Whether the databases that are open take so much memory that one should be closed before the next."""
        ...


def load(name: str) -> EngineModule:
    """The engine of that name; its library is imported here and not before."""
    if name not in NAMES:
        raise ValueError(f"no engine named {name!r}; envs/engines/ has: {', '.join(NAMES)}")
    return cast(EngineModule, import_module(f"envs.engines.{name}"))


def create_table(
    name: str,
    columns: Sequence[tuple[str, str]],
    primary: Sequence[str],
    foreign: Sequence[tuple[Sequence[str], str, Sequence[str]]],
) -> str:
    """One line of `Connection.schema`; `foreign` holds (columns, table, its columns). Identifiers come quoted."""
    parts: list[str] = []
    single = {of[0]: (table, to) for of, table, to in foreign if len(of) == 1}
    for column, kind in columns:
        part = f"{column} {kind}".rstrip()
        if list(primary) == [column]:
            part += " PRIMARY KEY"
        if column in single:
            table, to = single[column]
            part += f" REFERENCES {table}" + (f"({to[0]})" if to else "")
        parts.append(part)
    if len(primary) > 1:
        parts.append(f"PRIMARY KEY ({', '.join(primary)})")
    for of, table, to in foreign:
        if len(of) > 1:
            parts.append(f"FOREIGN KEY ({', '.join(of)}) REFERENCES {table}" + (f"({', '.join(to)})" if to else ""))
    return f"CREATE TABLE {name} ({', '.join(parts)})"
