"""What a DuckDB database is made of: its schema as text, and its whole state for comparing writes."""

import duckdb

from envs.engines import Relation, State, create_table
from envs.values import normal_rows

_MAIN = "database_name = ? AND NOT internal AND schema_name = 'main'"


def schema(handle: duckdb.DuckDBPyConnection, database: str) -> str:
    """See `envs.engines.Connection.schema`; `database` is its name in the instance."""
    reserved = _reserved(handle)

    def quoted(name: str) -> str:
        plain = name.isascii() and name.isidentifier() and name.lower() not in reserved
        return name if plain else strict_name(name)

    primary: dict[str, list[str]] = {}
    foreign: dict[str, list[tuple[list[str], str, list[str]]]] = {}
    for table, kind, of, other, to in handle.execute(
        "SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names "
        "FROM duckdb_constraints() WHERE database_name = ? AND schema_name = 'main' "
        "AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY') ORDER BY table_oid, constraint_index",
        [database],
    ).fetchall():
        if kind == "PRIMARY KEY":
            primary[table] = [quoted(column) for column in of]
        else:
            foreign.setdefault(table, []).append(
                ([quoted(column) for column in of], quoted(other), [quoted(column) for column in to])
            )
    columns = _columns(handle, database)
    lines: list[str] = []
    for name, is_view in _relations(handle, database):
        if is_view:
            lines.append(f"CREATE VIEW {quoted(name)} ({', '.join(quoted(column) for column, *_ in columns[name])})")
        else:
            typed = [(quoted(column), kind) for column, kind, *_ in columns[name]]
            lines.append(create_table(quoted(name), typed, primary.get(name, []), foreign.get(name, [])))
    return "\n".join(lines)


def state(handle: duckdb.DuckDBPyConnection, database: str, rows: int) -> State:
    """See `envs.engines.Connection.state`."""
    relations: dict[str, Relation] = {}
    described = _columns(handle, database)
    for name, is_view in _relations(handle, database):
        try:
            found = handle.execute(f"SELECT * FROM {strict_name(database)}.main.{strict_name(name)}").fetchmany(
                rows + 1
            )
        except duckdb.InterruptException as error:
            raise OverflowError(f"{name} takes too long to read") from error
        except duckdb.Error:
            if not is_view:
                raise
            found = []  # a view whose tables are gone holds nothing
        if len(found) > rows:
            handle.abort()
            raise OverflowError(f"{name} holds more than {rows:,} rows")
        columns = tuple((column.lower(), *rest) for column, *rest in described.get(name, []))
        relations[name.lower()] = Relation(columns, normal_rows(found))
    listed = handle.execute(
        "SELECT index_name, table_name, is_unique, expressions FROM duckdb_indexes() WHERE database_name = ?",
        [database],
    ).fetchall()
    constraints = handle.execute(
        "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() "
        "WHERE database_name = ? AND constraint_type <> 'NOT NULL'",
        [database],
    ).fetchall()
    return State(relations, frozenset(tuple(str(part).lower() for part in row) for row in listed + constraints))


def names(handle: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The names of its tables and views, in lower case."""
    return [name.lower() for name, _ in _relations(handle, database)]


def strict_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reserved(handle: duckdb.DuckDBPyConnection) -> frozenset[str]:
    found = handle.execute(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
    )
    return frozenset(str(word) for (word,) in found.fetchall())


def _relations(handle: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, bool]]:
    """Name, and whether it is a view: tables first, in the order they were made."""
    tables = handle.execute(f"SELECT table_oid, table_name FROM duckdb_tables() WHERE {_MAIN}", [database]).fetchall()
    views = handle.execute(f"SELECT view_oid, view_name FROM duckdb_views() WHERE {_MAIN}", [database]).fetchall()
    return [(str(name), False) for _, name in sorted(tables)] + [(str(name), True) for _, name in sorted(views)]


def _columns(handle: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[tuple[str, ...]]]:
    """By table or view: the name, type, nullability and default of each column."""
    described: dict[str, list[tuple[str, ...]]] = {}
    found = handle.execute(  # not ORDER BY: planning it costs more than this sort
        "SELECT table_oid, column_index, table_name, column_name, data_type, is_nullable, column_default "
        f"FROM duckdb_columns() WHERE {_MAIN}",
        [database],
    ).fetchall()
    for _, _, table, *column in sorted(found, key=lambda row: row[:2]):
        described.setdefault(table, []).append(tuple(str(part) for part in column))
    return described
