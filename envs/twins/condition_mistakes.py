"""Small mistakes in the conditions and values of a query: what one node of it may be replaced with.

A rule never changes the node itself; None takes the node away.
"""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins import scope
from envs.twins.records import Profile

_BESIDE: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GTE),
    exp.GT: (exp.GTE, exp.LT, exp.EQ),
    exp.GTE: (exp.GT, exp.LTE, exp.EQ),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
    exp.Max: (exp.Min, exp.Sum),
    exp.Min: (exp.Max,),
    exp.Sum: (exp.Avg, exp.Count, exp.Max),
    exp.Avg: (exp.Sum, exp.Max),
}


def operators(node: exp.Expr, _: Profile) -> Iterator[exp.Expr]:
    for other in _BESIDE.get(type(node), ()):
        yield _as(node, other)
    if isinstance(node, exp.EQ) and not isinstance(node.parent, exp.Join):
        yield _as(node, exp.NEQ)
    if isinstance(node, exp.NEQ):
        yield _as(node, exp.EQ)
    if isinstance(node, exp.Between):
        yield exp.And(
            this=exp.GT(this=node.this.copy(), expression=node.args["low"].copy()),
            expression=exp.LT(this=node.this.copy(), expression=node.args["high"].copy()),
        )
    if isinstance(node, exp.Not):
        yield node.this.copy()


def predicates(node: exp.Expr, _: Profile) -> Iterator[exp.Expr | None]:
    """Leave out one condition, or all of a WHERE or HAVING."""
    if isinstance(node, exp.And | exp.Or):
        yield node.this.copy()
        yield node.expression.copy()
    if isinstance(node, exp.Where | exp.Having):
        yield None


def literals(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if not isinstance(node, exp.Literal) or isinstance(node.parent, exp.Limit | exp.Offset):
        return
    if node.is_int:
        yield exp.Literal.number(int(node.name) + 1)
    elif isinstance(node.parent, exp.Like):
        for text in (node.name.strip("%"), node.name.lstrip("%"), node.name.rstrip("%"), f"%{node.name}%"):
            yield exp.Literal.string(text)


def repeats(node: exp.Expr, _: Profile) -> Iterator[exp.Expr]:
    """DISTINCT where there was none, none where there was one, and every way of counting."""
    if isinstance(node, exp.Select):
        other = node.copy()
        other.set("distinct", None if node.args.get("distinct") else exp.Distinct())
        yield other
    if isinstance(node, exp.Count):
        inner = node.this
        if isinstance(inner, exp.Distinct):
            yield exp.Count(this=inner.expressions[0].copy())
            yield exp.Count(this=exp.Star())
        elif not isinstance(inner, exp.Star):
            yield exp.Count(this=exp.Distinct(expressions=[inner.copy()]))
            yield exp.Count(this=exp.Star())


def counted(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    """COUNT(*) as a count of different values of a column in sight."""
    if not isinstance(node, exp.Count) or not isinstance(node.this, exp.Star):
        return
    select = node.find_ancestor(exp.Select)
    for column in scope.in_sight(select, profile)[:6] if select else ():
        yield exp.Count(this=exp.Distinct(expressions=[column]))


def columns(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    """Another column of the same kind in the same table."""
    if not isinstance(node, exp.Column) or node.find_ancestor(exp.Group):
        return
    at = scope.place(node, profile)
    table = profile.table(at[0]) if at else None
    own = table.column(at[1]) if at and table else None
    if table is None or own is None:
        return
    for column in [c for c in table.columns if c is not own and c.kind == own.kind][:3]:
        other = node.copy()
        other.set("this", exp.to_identifier(column.name, quoted=True))
        yield other


def one_of(node: exp.Expr, _: Profile) -> Iterator[exp.Expr]:
    """IN (SELECT ...) as = (SELECT ...)."""
    if isinstance(node, exp.In) and isinstance(node.args.get("query"), exp.Subquery):
        yield exp.EQ(this=node.this.copy(), expression=node.args["query"].copy())


def _as(node: exp.Expr, other: type[exp.Expr]) -> exp.Expr:
    same = node.copy()
    if isinstance(node, exp.Binary):
        return other(this=same.this, expression=same.expression)
    return other(this=same.this)
