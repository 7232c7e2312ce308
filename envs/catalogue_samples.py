"""A catalogue with a few values of each column, read from its database by the rule of `envs.sample_values`."""

from dataclasses import replace

from envs import engines, lexical
from envs.catalogue import Catalogue, Table
from envs.engines import Connection
from envs.example import Database
from envs.sample_values import sample_values
from envs.table_line import TableLine, column_name, unquoted


def with_samples(catalogue: Catalogue, database: Database) -> Catalogue:
    """The same catalogue where it has samples already, and where the database is not there or cannot be opened."""
    if any(column.samples for table in catalogue.tables for column in table.columns):
        return catalogue
    try:
        connection = engines.load(database.engine).open_database(database)
    except engines.NoDatabase:
        return catalogue
    try:
        lines = map(TableLine.of, lexical.lines(connection.schema()))
        there = {unquoted(line.name).lower(): line for line in lines if line is not None}
        return Catalogue(tuple(_sampled(connection, table, there.get(table.plain)) for table in catalogue.tables))
    finally:
        connection.close()


def _sampled(connection: Connection, table: Table, line: TableLine | None) -> Table:
    if line is None:
        return table
    names = (unquoted(column_name(column)).lower() for column in line.columns)
    found = dict(zip(names, sample_values(connection, line), strict=False))
    return replace(table, columns=tuple(replace(one, samples=found.get(one.plain, ())) for one in table.columns))
