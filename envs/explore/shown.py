"""What a prompt shows of a database, and how much of it a query uses: tables, columns, foreign keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from envs.schema import statements

if TYPE_CHECKING:
    from sqlglot import exp

Column = tuple[str, str]
"""Table and column, in lower case."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`tables` maps a table or view to its columns in their order, in lower case. `unread` statements did not parse."""

    tables: Mapping[str, tuple[str, ...]]
    foreign_keys: int
    unread: int

    @property
    def columns(self) -> int:
        return sum(map(len, self.tables.values()))

    @property
    def names(self) -> frozenset[str]:
        """All names of tables and columns."""
        return frozenset(self.tables).union(*self.tables.values())


@lru_cache(maxsize=4096)
def shown(schema: str, dialect: str) -> Shown:
    """The tables of a schema text, statement by statement: one that does not parse costs only itself."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    tables: dict[str, tuple[str, ...]] = {}
    keys = unread = 0
    for statement in statements(schema):
        try:
            root = sqlglot.parse_one(statement, read=dialect)
        except (SqlglotError, ValueError, RecursionError):
            unread += 1
            continue
        table = root.find(exp.Table) if isinstance(root, exp.Create) else None
        if isinstance(root, exp.Create) and table is not None:
            parts = root.this.expressions if isinstance(root.this, exp.Schema) else []
            columns = (part for part in parts if isinstance(part, exp.ColumnDef | exp.Identifier))
            tables[table.name.lower()] = tuple(column.name.lower() for column in columns)
        elif isinstance(root, exp.Command | exp.Create):
            unread += 1
        keys += sum(1 for _ in root.find_all(exp.Reference))
    return Shown(tables, keys, unread)


def used(root: "exp.Expr", seen: Shown) -> tuple[frozenset[str], frozenset[Column]]:
    """The shown tables and columns that a parsed query reads.

    `*` reads every column of the tables beside it, `count(*)` none. A column without a table belongs to the first
    table of the query that has one of its name.
    """
    from sqlglot import exp

    called: dict[str, str] = {}
    for table in root.find_all(exp.Table):
        if table.name.lower() in seen.tables:
            called.setdefault(table.alias_or_name.lower(), table.name.lower())
            called.setdefault(table.name.lower(), table.name.lower())
    tables = frozenset(called.values())
    columns = set[Column]()
    for column in root.find_all(exp.Column):
        name, owner = column.name.lower(), called.get(column.table.lower())
        if isinstance(column.this, exp.Star):
            columns |= _all(seen, [owner] if owner else [])
        elif owner is not None and name in seen.tables[owner]:
            columns.add((owner, name))
        elif not column.table and (found := next((t for t in called.values() if name in seen.tables[t]), None)):
            columns.add((found, name))
    for select in root.find_all(exp.Select):
        if any(isinstance(part, exp.Star) for part in select.expressions):
            columns |= _all(seen, _beside(select, called))
    for join in root.find_all(exp.Join):
        for part in join.args.get("using") or ():
            columns |= {(table, part.name.lower()) for table in tables if part.name.lower() in seen.tables[table]}
    return tables, frozenset(columns)


def _all(seen: Shown, tables: Iterator[str] | list[str]) -> set[Column]:
    return {(table, column) for table in tables for column in seen.tables[table]}


def _beside(select: "exp.Select", called: Mapping[str, str]) -> Iterator[str]:
    """The shown tables in a SELECT's own FROM."""
    from sqlglot import exp

    for part in (select.args.get("from_"), *(select.args.get("joins") or ())):
        table = part.this if part is not None else None
        if isinstance(table, exp.Table) and table.name.lower() in called:
            yield called[table.name.lower()]
