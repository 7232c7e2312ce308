"""Aggregates that string values together in no fixed order: GROUP_CONCAT, STRING_AGG, LISTAGG, ARRAY_AGG ..."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from envs import gate

if TYPE_CHECKING:
    from sqlglot import exp

COMMA = ","


@lru_cache(maxsize=256)
def unordered(gold_sql: str, dialect: str, width: int) -> dict[int, str]:
    """The separators of the answer's columns (from 0) that hold such an aggregate without an ORDER BY inside.

    Found in the outermost projection itself, or under the name that a subquery or a CTE gives the aggregate. `width` is
    the number of columns of the answer; empty where the text does not parse into one query.
    """
    from sqlglot import exp

    root = gate.parse(gold_sql, dialect)
    if isinstance(root, str):
        return {}
    named: dict[str, str] = {}
    for select in root.find_all(exp.Select):
        for column in select.expressions:
            for separator in _separators(column):
                named[column.alias_or_name.lower()] = separator
    if not named:
        return {}
    while not isinstance(root, exp.Select) and isinstance(root.this, exp.Expr):  # brackets, the left of a UNION
        root = root.this
    found: dict[int, str] = {}
    for i, column in enumerate(root.expressions):
        if column.is_star:
            return dict.fromkeys(range(width), next(iter(named.values())))
        own = next(_separators(column), None)
        if own is None and isinstance(column.unalias(), exp.Column):
            own = named.get(column.unalias().name.lower())
        if own is not None:
            found[i] = own
    return found


def _separators(column: "exp.Expr") -> Iterator[str]:
    from sqlglot import exp

    if isinstance(column, exp.Subquery):
        return
    for node in column.find_all(exp.GroupConcat, exp.ArrayAgg, exp.JSONArrayAgg):
        if node.args.get("order") or node.find(exp.Order) or isinstance(node.parent, exp.WithinGroup):
            continue
        separator = node.args.get("separator")
        yield separator.name if isinstance(separator, exp.Literal) else COMMA
