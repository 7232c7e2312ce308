"""Foreign keys that nobody declared, guessed from names and from values that are all found in the parent."""

from collections.abc import Sequence

from envs.engines import Connection
from envs.execution import Status
from envs.twins.declarations import Reference
from envs.twins.records import Table, quoted

SECONDS = 2.0
"""For each look at whether all values are in the parent."""

_PLAIN = {"id", "name", "code", "key", "year", "date", "type", "title"}
"""Names that say nothing about what they point at."""


def guessed(connection: Connection, tables: Sequence[Table]) -> dict[str, tuple[Reference, ...]]:
    """By table name: a column named like the key of another table, all of whose values are there."""
    found: dict[str, tuple[Reference, ...]] = {}
    for at, table in enumerate(tables):
        taken = {name.lower() for reference in table.references for name in reference.columns}
        for column in table.columns:
            if column.name.lower() in taken:
                continue
            for parent_at, parent in enumerate(tables):
                key = _key(parent)
                if parent is table or key is None or not _named_after(column.name, parent, key):
                    continue
                both_keys = _key(table) == column.name
                if both_keys and (parent.rows, -parent_at) < (table.rows, -at):
                    continue  # of two keys of one name the larger table is the parent
                if _included(connection, table.name, column.name, parent.name, key):
                    reference = Reference((column.name,), parent.name, (key,))
                    found[table.name] = (*found.get(table.name, ()), reference)
                    break
    return found


def key_columns(table: Table) -> tuple[str, ...]:
    """The primary key, or, where none is declared, the first column that looks like one; () where none does.

    A foreign key does not: that no parent has two children is often only so in a small table.
    """
    if table.primary:
        return table.primary
    pointing = {name.lower() for reference in table.references for name in reference.columns}
    for column in [c for c in table.columns if c.name.lower() not in pointing]:
        like_one = column.name.lower().endswith(("id", "key", "code", "no", "number")) or column is table.columns[0]
        if column.kind in ("int", "text") and column.distinct and not column.nulls and column.seen > 1 and like_one:
            return (column.name,)
    return ()


def _key(table: Table) -> str | None:
    key = key_columns(table)
    return key[0] if len(key) == 1 else None


def _named_after(column: str, parent: Table, key: str) -> bool:
    name, target, table = _plain(column), _plain(key), _plain(parent.name)
    tables = {table, table.removesuffix("s"), table.removesuffix("es")}
    return (name == target and name not in _PLAIN) or any(name in (t + target, t + "id", t) for t in tables)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _included(connection: Connection, table: str, column: str, parent: str, key: str) -> bool:
    outside = connection.execute(
        f"SELECT 1 FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL "
        f"AND {quoted(column)} NOT IN (SELECT {quoted(key)} FROM {quoted(parent)} WHERE {quoted(key)} IS NOT NULL) "
        "LIMIT 1",
        SECONDS,
        1,
    )
    return outside.status is Status.OK and not outside.rows
