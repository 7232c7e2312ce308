"""How hard a question's gold is, as one of a few levels with names."""

from envs import gate
from envs.example import Example

LEVELS = ("one table", "one join", "several joins", "subquery", "set operation", "window", "no query")
"""From the simplest on. A gold has the last level of which it holds anything; a CTE is a subquery."""


def complexity(example: Example) -> str:
    """The data set's own `difficulty` where it gives one, else one of `LEVELS`, by what sqlglot reads in the gold.

    "no query" is a gold that writes, or that sqlglot cannot read.
    """
    return example.difficulty or _level(example.gold_sql, example.dialect)


def _level(sql: str, dialect: str) -> str:
    from sqlglot import exp

    root = gate.parse(sql, dialect)
    if isinstance(root, str) or not isinstance(root, exp.Query):
        return "no query"
    if root.find(exp.Window):
        return "window"
    if root.find(exp.SetOperation):
        return "set operation"
    if len(list(root.find_all(exp.Select))) > 1:
        return "subquery"
    joins = len(list(root.find_all(exp.Join)))
    return LEVELS[min(joins, 2)]


def joins(example: Example) -> int | None:
    """How many joins the gold holds in all, those of its subqueries and tables listed with commas included; None where
    sqlglot cannot read it."""
    from sqlglot import exp

    root = gate.parse(example.gold_sql, example.dialect)
    return None if isinstance(root, str) else len(list(root.find_all(exp.Join)))
