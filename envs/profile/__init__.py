"""A look at a database that costs seconds whatever its size: types, counts, ranges, formats, keys, join paths.

Of a table the first `Limits.rows` rows are looked at, each question asked of the engine has a limit of its own, and all
of them one together: what is left out is said in the notes. The database is opened read-only by its engine, in this
process; no statement that a model wrote is near.
"""

import time
from dataclasses import dataclass

from envs import engines
from envs.catalogue import Catalogue, Table
from envs.catalogue_text import catalogue_of
from envs.engines import Connection
from envs.example import Database
from envs.execution import Status
from envs.profile.columns import column_facts
from envs.profile.joins import joins_found
from envs.profile.records import ColumnFacts, DatabaseFacts, TableFacts
from envs.table_line import unquoted

VERSION = 1
"""Of what is found; older files in a cache are looked up no more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows of a table that are looked at; seconds of one question to the engine, and of all."""

    rows: int = 20_000
    seconds: float = 2.0
    whole: float = 120.0


DEFAULT = Limits()


def profile(database: Database, limits: Limits = DEFAULT) -> tuple[Catalogue, DatabaseFacts]:
    """The schema as it is declared, and what was found. Raises ValueError when there is nothing to open."""
    try:
        connection = engines.load(database.engine).open_database(database)
    except engines.NoDatabase as error:
        raise ValueError(str(error)) from error
    until = time.monotonic() + limits.whole
    try:
        catalogue = catalogue_of(";\n".join(connection.schema().splitlines()))
        tables = [table for table in catalogue.tables if not table.is_view]
        facts = [_table(connection, database, table, limits, until) for table in tables]
        joins, skipped = joins_found(connection, facts, limits.seconds, until)
    finally:
        connection.close()
    return catalogue, DatabaseFacts(tuple(facts), tuple(joins), tuple(_notes(facts, skipped)))


def _table(connection: Connection, database: Database, table: Table, limits: Limits, until: float) -> TableFacts:
    def left() -> float:
        return max(0.05, min(limits.seconds, until - time.monotonic()))

    counted = connection.execute(f"SELECT count(*) FROM {table.name}", left(), 1)
    rows = int(str(counted.rows[0][0])) if counted.status is Status.OK else None
    columns: list[ColumnFacts] = []
    for column in table.columns:
        columns.append(column_facts(connection, database.engine, table.name, column, limits.rows, left()))
    return TableFacts(
        name=unquoted(table.name),
        rows=rows,
        looked_at=min(limits.rows, rows) if rows is not None else limits.rows,
        columns=tuple(columns),
        primary=tuple(map(unquoted, table.primary)),
        foreign=tuple(
            (unquoted(of), ".".join(map(unquoted, (key.table, *to))))
            for key in table.foreign
            for of, *to in zip(key.columns, *([key.to] if key.to else []), strict=False)
        ),
        unique=tuple(column.name for column in columns if column.unique),
    )


def _notes(facts: list[TableFacts], skipped: int) -> list[str]:
    notes = [
        f"{table.name}: {'too large to count' if table.rows is None else f'{table.rows:,} rows'}; what is said of its "
        f"columns is of the first {table.looked_at:,} rows that the engine found"
        for table in facts
        if table.sampled
    ]
    columns = [(table, column) for table in facts for column in table.columns]
    unread = [f"{table.name}.{column.name} ({column.unread})" for table, column in columns if column.unread]
    if unread:
        notes.append(f"not read: {', '.join(unread)}")
    if skipped:
        notes.append(f"{skipped:,} pairs of columns were not tried as joins, as time was out")
    return notes
