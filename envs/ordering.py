"""How far the gold fixes the order of its answer: by its outermost ORDER BY, and only up to ties.

An ORDER BY inside a subquery, a CTE or a string fixes nothing. Rows that tie on every key may come in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from envs import gate
from envs.values import Row

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Keys:
    """The sort keys of an answer: columns of it (from 0), then those that only `sql` shows, as its last columns."""

    columns: tuple[int, ...]
    hidden: int = 0
    sql: str = ""


def keys(gold_sql: str, dialect: str, names: Sequence[str]) -> Keys | None:
    """The keys of the outermost ORDER BY, or None when the order is free. `names` are the answer's column names.

    Keys that cannot be shown (hidden behind DISTINCT, UNION ...) make every column a key, so only equal rows tie.
    """
    from sqlglot import exp

    parsed = gate.parse(gold_sql, dialect)
    if isinstance(parsed, str):
        return None
    root: exp.Expr = parsed
    while isinstance(root, exp.Subquery) and not root.args.get("order"):
        root = root.this
    order = root.args.get("order")
    if not isinstance(order, exp.Order):
        return None
    shown: list[int] = []
    hidden: list[exp.Expr] = []
    for ordered in order.expressions:
        key = _bare(ordered.this)
        column = _shown(key, root, names)
        if column is None:
            hidden.append(key)
        else:
            shown.append(column)
    if not hidden:
        return Keys(tuple(shown))
    if not isinstance(root, exp.Select) or root.args.get("distinct") or _is_all(hidden[0]):
        return Keys(tuple(range(len(names))))
    wider = root.copy()
    for i, key in enumerate(hidden):
        wider.append("expressions", exp.alias_(key.copy(), f"sort_key_{i}"))
    return Keys(tuple(shown), len(hidden), wider.sql(dialect=dialect))


def blocks(rows: Sequence[Row], keyed: Sequence[Row]) -> list[int]:
    """Sizes of the runs of tied rows, given the keys of each of `rows`."""
    assert len(rows) == len(keyed)
    return [len(list(run)) for _, run in groupby(keyed)]


def _bare(key: "exp.Expr") -> "exp.Expr":
    from sqlglot import exp

    while isinstance(key, exp.Collate | exp.Paren):
        key = key.this
    return key


def _shown(key: "exp.Expr", root: "exp.Expr", names: Sequence[str]) -> int | None:
    from sqlglot import exp

    if isinstance(key, exp.Literal) and key.is_int:
        return int(key.name) - 1 if 1 <= int(key.name) <= len(names) else None
    if isinstance(key, exp.Column) and not key.table:
        found = [i for i, name in enumerate(names) if name.lower() == key.name.lower()]
        if len(found) == 1:
            return found[0]
    projection = root.expressions if isinstance(root, exp.Select) else []
    if len(projection) != len(names) or any(column.is_star for column in projection):
        return None
    return next((i for i, column in enumerate(projection) if column.unalias() == key), None)


def _is_all(key: "exp.Expr") -> bool:
    return key.name.upper() == "ALL"
