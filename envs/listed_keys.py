"""Foreign keys as a `tables.json` lists them (Spider's form, which BIRD keeps), for databases that declare none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

from envs.rows import Row, read
from envs.table_line import TableLine, column_name, refers, unquoted


class Key(NamedTuple):
    """One column that refers to another, each by the name it has in the database."""

    table: str
    column: str
    to_table: str
    to_column: str


@lru_cache(maxsize=16)
def listed_in(file: Path) -> Mapping[str, tuple[Key, ...]]:
    """`db_id` -> its keys. Pairs that name no column are left out. Raises ValueError on a file that is no such list."""
    return {row.need("db_id"): tuple(_keys(row)) for row in read(file)}


def with_keys(tables: Sequence[TableLine], keys: Sequence[Key]) -> list[TableLine]:
    """The tables with these keys written into them, where no table has a foreign key of its own.

    A key whose two columns are not there is left out.
    """
    if not keys or any(map(_declares, tables)):
        return list(tables)
    named = {unquoted(table.name).lower(): table for table in tables}
    added: dict[tuple[str, int], str] = {}
    for key in keys:
        source, target = named.get(key.table.lower()), named.get(key.to_table.lower())
        at = _place(source, key.column)
        to = _place(target, key.to_column)
        if source and target and at is not None and to is not None:
            added.setdefault((source.name, at), f" REFERENCES {target.name}({column_name(target.columns[to])})")
    return [
        replace(table, columns=tuple(c + added.get((table.name, i), "") for i, c in enumerate(table.columns)))
        for table in tables
    ]


def _declares(table: TableLine) -> bool:
    return any(part.startswith("FOREIGN KEY") for part in table.constraints) or any(map(refers, table.columns))


def _place(table: TableLine | None, column: str) -> int | None:
    names = [unquoted(column_name(each)).lower() for each in table.columns] if table else []
    return names.index(column.lower()) if column.lower() in names else None


def _keys(row: Row) -> list[Key]:
    tables, columns, pairs = (
        _list(row, name) for name in ("table_names_original", "column_names_original", "foreign_keys")
    )
    ends = [[_name(tables, columns, index) for index in _items(pair)] for pair in pairs]
    return [Key(*two[0], *two[1]) for two in ends if len(two) == 2 and two[0] and two[1]]


def _name(tables: Sequence[object], columns: Sequence[object], index: object) -> tuple[str, str] | None:
    """The names of a column by its number: `columns` holds [number of the table, name]."""
    if not isinstance(index, int) or not 0 <= index < len(columns):
        return None
    table, *name = _items(columns[index])
    if not isinstance(table, int) or not 0 <= table < len(tables) or len(name) != 1:
        return None
    return str(tables[table]), str(name[0])


def _list(row: Row, name: str) -> Sequence[object]:
    found: object = row.values.get(name)
    if not isinstance(found, list):
        raise ValueError(f"{row.at}: it needs {name}, a list; this is no list of databases with their tables")
    return cast(Sequence[object], found)


def _items(value: object) -> Sequence[object]:
    return cast(Sequence[object], value) if isinstance(value, list) and value else (None,)
