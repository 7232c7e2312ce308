"""Small mistakes in the shape of a query: its joins, groups, set operations and order. See `condition_mistakes`."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins import scope
from envs.twins.records import Profile


def ordering(node: exp.Expr, _: Profile) -> Iterator[exp.Expr | None]:
    if isinstance(node, exp.Ordered):
        other = node.copy()
        other.set("desc", not node.args.get("desc"))
        other.set("nulls_first", None)
        yield other
    if isinstance(node, exp.Order | exp.Limit):
        yield None
    if isinstance(node, exp.Limit) and isinstance(node.expression, exp.Literal) and node.expression.is_int:
        yield exp.Limit(expression=exp.Literal.number(int(node.expression.name) + 1))


def largest(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    """The largest value of a column for the row that comes first.

    They part where there is no row, and where the largest value belongs to a row that the rest of the query leaves out.
    """
    order = node.args.get("order") if isinstance(node, exp.Select) and node.args.get("limit") else None
    if order is None or not isinstance(order.expressions[0].this, exp.Column):
        return
    column, kind = order.expressions[0].this, exp.Max if order.expressions[0].args.get("desc") else exp.Min
    bare = node.copy()
    bare.set("order", None)
    bare.set("limit", None)
    for i, shown in enumerate(node.expressions):
        if shown.unalias() == column:
            other = bare.copy()
            other.expressions[i].replace(kind(this=column.copy()))
            yield other
    at = scope.place(column, profile)
    table = profile.table(at[0]) if at else None
    if table is not None and not node.args.get("group"):
        of_all = exp.select(kind(this=exp.column(exp.to_identifier(column.name, quoted=True))))
        whole = of_all.from_(exp.to_identifier(table.name, quoted=True))
        condition = exp.EQ(this=column.copy(), expression=exp.Subquery(this=whole))
        where = node.args.get("where")
        other = bare.copy()
        other.set("where", exp.Where(this=exp.and_(where.this.copy(), condition) if where else condition))
        yield other


def first(node: exp.Expr, _: Profile) -> Iterator[exp.Expr]:
    """The row that comes first for a largest value: the other way round."""
    if not isinstance(node, exp.Select) or node.args.get("group") or len(node.expressions) != 1:
        return
    shown = node.expressions[0].unalias()
    if isinstance(shown, exp.Max | exp.Min) and isinstance(shown.this, exp.Column):
        other = node.copy()
        other.set("expressions", [shown.this.copy()])
        ordered = exp.Ordered(this=shown.this.copy(), desc=isinstance(shown, exp.Max))
        other.set("order", exp.Order(expressions=[ordered]))
        other.set("limit", exp.Limit(expression=exp.Literal.number(1)))
        yield other


def joining(node: exp.Expr, _: Profile) -> Iterator[exp.Expr | None]:
    """An outer join for an inner one, a join without its condition, a join left out."""
    if isinstance(node, exp.Join):
        other = node.copy()
        other.set("side", None if node.side else "LEFT")
        if node.args.get("on") is not None:
            yield other
            free = node.copy()
            free.set("on", None)
            yield free
        yield None


def sets(node: exp.Expr, _: Profile) -> Iterator[exp.Expr]:
    """One set operation for another, and each side alone."""
    if not isinstance(node, exp.SetOperation):
        return
    for kind in (exp.Union, exp.Intersect, exp.Except):
        for distinct in (True, False) if kind is exp.Union else (True,):
            yield kind(this=node.this.copy(), expression=node.expression.copy(), distinct=distinct)
    yield node.this.copy()
    yield node.expression.copy()


def grouping(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr | None]:
    """Groups by a key instead of a name, by a name instead of a key, by one column less, or none."""
    if not isinstance(node, exp.Group):
        return
    yield None
    select = node.parent
    for i in range(len(node.expressions)):
        for column in scope.in_sight(select, profile, keys_first=True)[:8] if select else ():
            other = node.copy()
            other.expressions[i].replace(column)
            yield other
        if len(node.expressions) > 1:
            yield exp.Group(expressions=[e.copy() for j, e in enumerate(node.expressions) if j != i])
