"""How a wrong query is wrong: how it ended where it did not run, else the first clause in which it leaves its gold."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from envs import clauses, gate
from envs.execution import Status

if TYPE_CHECKING:
    from sqlglot import exp

LUCKY = "lucky"
TRUNCATED = "truncated"
CLASSES = (
    "set operation",
    "tables",
    "joins",
    "subquery",
    "aggregate",
    "projection",
    "filter",
    "grouping",
    "having",
    "order",
    "limit",
    "distinct",
    "values",
    "other",
)
"""Of queries that ran, in the order in which they are looked for; the first that differs names the pair.

Where tables are others, most else is too, so what a reader would say first comes first. `values`: nothing but literals
differs. `other`: no clause differs by these rules, or sqlglot reads one of the two not at all."""


def error_of(
    sql: str, gold_sql: str, dialect: str, status: str = Status.OK, lucky: bool = False, truncated: bool = False
) -> str:
    """One of `envs.execution.Status` where it did not run, `truncated` where the answer was cut, `lucky` where it is
    right on its database and refuted by a twin of it, else one of `CLASSES`. Names, literals, aliases and the order of
    conditions are compared as SQL means them, as far as that shows without the schema."""
    if truncated:
        return TRUNCATED
    if status != Status.OK:
        return str(status)
    return LUCKY if lucky else difference(sql, gold_sql, dialect)


def difference(sql: str, gold_sql: str, dialect: str) -> str:
    """The first of `CLASSES` in which two queries differ."""
    found, gold = gate.parse(sql, dialect), gate.parse(gold_sql, dialect)
    if isinstance(found, str) or isinstance(gold, str):
        return "other"
    for name, clause in _CLAUSES:
        if not _same(found, gold, clause):
            return name
    return "other" if clauses.literals(found) == clauses.literals(gold) else "values"


def _same(found: "exp.Expr", gold: "exp.Expr", clause: Callable[["exp.Expr", bool], list[str]]) -> bool:
    """With each column's table where both say it; without, where one of the two leaves it to the engine."""
    ours, theirs = clause(found, True), clause(gold, True)
    if ours == theirs:
        return True
    if clauses.UNKNOWN in f"{ours}" or clauses.UNKNOWN in f"{theirs}":
        return clause(found, False) == clause(gold, False)
    return False


_CLAUSES: tuple[tuple[str, Callable[["exp.Expr", bool], list[str]]], ...] = (
    ("set operation", clauses.set_operations),
    ("tables", clauses.tables),
    ("joins", clauses.joins),
    ("subquery", clauses.nesting),
    ("aggregate", clauses.aggregates),
    ("projection", clauses.projection),
    ("filter", clauses.filters),
    ("grouping", clauses.grouping),
    ("having", clauses.having),
    ("order", clauses.order),
    ("limit", clauses.limit),
    ("distinct", clauses.distinct),
)
