"""How complex a query is: Spider's easy, medium, hard and extra hard, by the clauses, joins and nested queries in it.

Source: taoyds/test-suite-sql-eval, evaluation.py at e97acc5 (eval_hardness, count_component1, count_component2,
count_others; Yu et al., 2018, arXiv:1809.08887, section 4), counted on sqlglot's tree. Kept as the official code has
it: of a set operation only the first side is counted, a query in FROM is none, and a NOT counts as an aggregate.
Beyond Spider's grammar a window function counts as an aggregate, a common table or a query in SELECT as nested.
"""

from sqlglot import exp

from envs import gate

LEVELS = ("easy", "medium", "hard", "extra hard", "no query")


def hardness(sql: str, dialect: str) -> str:
    """One of `LEVELS`; "no query" is what writes, or what sqlglot cannot read."""
    root = gate.parse(sql, dialect)
    if isinstance(root, str) or not isinstance(root, exp.Query):
        return LEVELS[-1]
    first: exp.Expr = root
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    if not isinstance(first, exp.Select):
        return LEVELS[0]
    clauses, nested, others = _clauses(first), _nested(root, first), _others(first)
    if clauses <= 1 and not others and not nested:
        return "easy"
    if not nested and ((others <= 2 and clauses <= 1) or (clauses <= 2 and others < 2)):
        return "medium"
    some = not nested and ((others > 2 and clauses <= 2) or (2 < clauses <= 3 and others <= 2))
    return "hard" if some or (clauses <= 1 and not others and nested <= 1) else "extra hard"


def _clauses(select: exp.Select) -> int:
    """WHERE, GROUP BY, ORDER BY and LIMIT, every table beyond the first, every OR and every LIKE."""
    present = sum(select.args.get(name) is not None for name in ("where", "group", "order", "limit"))
    return present + len(select.args.get("joins") or ()) + len(_own(select, select, exp.Or, exp.Like))


def _nested(root: exp.Expr, first: exp.Select) -> int:
    """Queries inside the first, but for those in FROM; the other side of a set operation; common tables."""
    inside = {id(one): one for one in map(_whole, first.find_all(exp.Select)) if one.find_ancestor(exp.Select) is first}
    nested = sum(not isinstance(one.parent, exp.From | exp.Join | exp.CTE) for one in inside.values())
    return nested + isinstance(root, exp.SetOperation) + len(list(root.find_all(exp.CTE)))


def _whole(select: exp.Expr) -> exp.Expr:
    """The query that a SELECT is a side of, with its brackets."""
    while isinstance(select.parent, exp.Subquery | exp.SetOperation):
        select = select.parent
    return select


def _others(select: exp.Select) -> int:
    """More than one aggregate, column, condition of WHERE, or group: one for each."""
    where, group, order = (select.args.get(name) for name in ("where", "group", "order"))
    shown = [*select.expressions, *([order] if order else [])]
    aggregates = sum(len(_own(select, one, exp.AggFunc, exp.Window)) for one in shown)
    denied = sum(len(_own(select, one, exp.Not)) for name in ("where", "having") if (one := select.args.get(name)))
    several = where is not None and bool(_own(select, where, exp.And, exp.Or))
    return sum(
        (aggregates + denied > 1, len(select.expressions) > 1, several, bool(group and len(group.expressions) > 1))
    )


def _own(select: exp.Select, part: exp.Expr, *kinds: type[exp.Expr]) -> list[exp.Expr]:
    """Nodes of these kinds in a part of the SELECT, and in no query inside it."""
    return [one for one in part.find_all(*kinds) if one.find_ancestor(exp.Select) is select]
