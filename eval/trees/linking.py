"""Which tables and columns of the shown schema a query reads, and which names in it the schema has not."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from envs.explore.shown import Column, Shown, shown, used
from envs.lexical import unstyled
from eval.trees.qualified import qualified
from eval.trees.reading import safely

HIDDEN = {"rowid", "oid", "_rowid_"}
"""Columns that engines add to every table."""


@dataclass(frozen=True, slots=True)
class Linked:
    """All in lower case. `unknown_tables` and `unknown_columns` are in the schema nowhere; `misplaced` columns are in
    it, and in no table that the query could mean there (or their qualifier is the name of nothing)."""

    tables: frozenset[str]
    columns: frozenset[Column]
    unknown_tables: frozenset[str]
    unknown_columns: frozenset[str]
    misplaced: frozenset[str]


def linked(sql: str, dialect: str, schema: str) -> Linked | None:
    """What a query reads; None where it cannot be read, or no table is shown."""
    return _read(unstyled(sql, dialect), dialect, schema)


@lru_cache(maxsize=2048)
def _read(sql: str, dialect: str, schema: str) -> Linked | None:
    root = qualified(sql, dialect, schema)
    seen = shown(schema, dialect)
    return None if root is None or not seen.tables else safely(_linked, root, seen)


def _linked(root: exp.Expr, seen: Shown) -> Linked:
    tables, columns = used(root, seen)
    own = {common.alias.lower() for common in root.find_all(exp.CTE)}
    named = (table for table in root.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
    strange = frozenset(
        table.name for table in named if table.name not in seen.tables and (table.db or table.name not in own)
    )
    every = frozenset().union(*seen.tables.values())
    lost = frozenset(_unresolved(root, seen))
    return Linked(tables, columns, strange, lost - every, lost & every)


def _unresolved(root: exp.Expr, seen: Shown) -> Iterator[str]:
    """Names of columns that nothing in sight has; without a word on those that may come from an unknown table."""
    found: dict[int, exp.Column] = {}
    resolved: set[int] = set()
    for scope in traverse_scope(root):
        for column in scope.columns:
            if isinstance(column.this, exp.Star) or column.name in HIDDEN:
                continue
            found[id(column)] = column
            if _in_sight(column, scope, seen):
                resolved.add(id(column))
    yield from (column.name for at, column in found.items() if at not in resolved)


def _in_sight(column: exp.Column, scope: Scope, seen: Shown) -> bool:
    sources = [scope.sources.get(column.table)] if column.table else list(scope.sources.values())
    return any(_may_have(source, column.name, seen) for source in sources if source is not None)


def _may_have(source: exp.Expr | Scope, name: str, seen: Shown) -> bool:
    if isinstance(source, Scope):
        query = source.expression
        if not isinstance(query, exp.Query):
            return True
        return query.is_star or name in query.named_selects
    columns = seen.tables.get(source.name) if isinstance(source, exp.Table) else None
    return not columns or name in columns
