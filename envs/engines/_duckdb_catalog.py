"""What a DuckDB database is made of: its schema as text, and its whole state for comparing writes."""

import duckdb

from envs.engines import Relation, State, create_table
from envs.values import normal_rows

_OWN = "NOT internal AND NOT temporary AND database_name = current_database()"


def schema(handle: duckdb.DuckDBPyConnection) -> str:
    """See `envs.engines.Connection.schema`."""
    reserved = {
        str(word)
        for (word,) in handle.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
        ).fetchall()
    }

    def quoted(name: str) -> str:
        plain = name.isascii() and name.isidentifier() and name.lower() not in reserved
        return name if plain else strict_name(name)

    lines: list[str] = []
    for oid, name in _tables(handle):
        columns = [(quoted(column), kind) for column, kind, *_ in _columns(handle, oid)]
        primary: list[str] = []
        foreign: list[tuple[list[str], str, list[str]]] = []
        for kind, of, table, to in handle.execute(
            "SELECT constraint_type, constraint_column_names, referenced_table, referenced_column_names "
            "FROM duckdb_constraints() WHERE table_oid = ? AND database_name = current_database() "
            "ORDER BY constraint_index",
            [oid],
        ).fetchall():
            if kind == "PRIMARY KEY":
                primary = [quoted(column) for column in of]
            elif kind == "FOREIGN KEY":
                foreign.append(([quoted(c) for c in of], quoted(table), [quoted(c) for c in to]))
        lines.append(create_table(quoted(name), columns, primary, foreign))
    for oid, name in _views(handle):
        lines.append(
            f"CREATE VIEW {quoted(name)} ({', '.join(quoted(column) for column, *_ in _columns(handle, oid))})"
        )
    return "\n".join(lines)


def state(handle: duckdb.DuckDBPyConnection, rows: int) -> State:
    """See `envs.engines.Connection.state`."""
    relations: dict[str, Relation] = {}
    views = _views(handle)
    for oid, name in _tables(handle) + views:
        columns = tuple((column.lower(), *rest) for column, *rest in _columns(handle, oid))
        try:
            found = handle.execute(f"SELECT * FROM {strict_name(name)}").fetchmany(rows + 1)
        except duckdb.InterruptException as error:
            raise OverflowError(f"{name} takes too long to read") from error
        except duckdb.Error:
            if (oid, name) not in views:
                raise
            found = []  # a view whose tables are gone holds nothing
        if len(found) > rows:
            raise OverflowError(f"{name} holds more than {rows:,} rows")
        relations[name.lower()] = Relation(columns, normal_rows(found))
    listed = handle.execute(
        "SELECT index_name, table_name, is_unique, expressions FROM duckdb_indexes() "
        "WHERE database_name = current_database()"
    ).fetchall()
    constraints = handle.execute(
        "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() "
        "WHERE database_name = current_database() AND constraint_type <> 'NOT NULL'"
    ).fetchall()
    return State(relations, frozenset(tuple(str(part).lower() for part in row) for row in listed + constraints))


def strict_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tables(handle: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    found = handle.execute(
        f"SELECT table_oid, table_name FROM duckdb_tables() WHERE {_OWN} AND schema_name = 'main' ORDER BY table_oid"
    )
    return [(int(oid), str(name)) for oid, name in found.fetchall()]


def _views(handle: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    found = handle.execute(
        f"SELECT view_oid, view_name FROM duckdb_views() WHERE {_OWN} AND schema_name = 'main' ORDER BY view_oid"
    )
    return [(int(oid), str(name)) for oid, name in found.fetchall()]


def _columns(handle: duckdb.DuckDBPyConnection, oid: int) -> list[tuple[str, ...]]:
    found = handle.execute(
        "SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
        "WHERE table_oid = ? AND database_name = current_database() ORDER BY column_index",
        [oid],
    )
    return [tuple(str(part) for part in row) for row in found.fetchall()]
