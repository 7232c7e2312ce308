"""Ways of writing that mean one thing, brought to one: IN and joins, EXCEPT and NOT IN, INTERSECT and IN.

For comparison only: what comes out is not to be run, and counts duplicates otherwise than what went in.
"""

from sqlglot import exp

SEMI, ANTI = "semi", "anti"
"""Called with the query inside: rows that have a mate there, and rows that have none."""


def unnested(root: exp.Expr, whatever: bool) -> exp.Expr:
    """`root`, changed in place: `x IN (SELECT y ...)` and `x = (SELECT y ...)` equate x and y as a join does, and
    NOT IN is `anti` of what it compares, or `whatever` it compares."""
    for one in list(root.find_all(exp.In, exp.EQ)):
        query = _inside(one)
        if query is None or not isinstance(one.this, exp.Column) or query.args.get("limit"):
            continue
        shown = query.expressions[0].unalias()
        if not isinstance(shown, exp.Column):
            continue
        denied = one.parent if isinstance(one.parent, exp.Not) else None
        if denied is not None:
            compared = [] if whatever else [one.this.copy(), shown.copy()]
            denied.replace(exp.Anonymous(this=ANTI, expressions=[*compared, exp.Subquery(this=query)]))
        else:
            key = exp.EQ(this=one.this.copy(), expression=shown.copy())
            mate = exp.Anonymous(this=SEMI, expressions=[exp.Subquery(this=query)])
            one.replace(exp.And(this=key, expression=mate))
    return root


def without_set_operations(root: exp.Expr) -> exp.Expr:
    """EXCEPT and INTERSECT of two SELECTs of one column as NOT IN and IN of what is distinct; `root` itself where it is
    none, or is ordered or cut. Changes `root`."""
    if not isinstance(root, exp.Except | exp.Intersect) or root.args.get("order") or root.args.get("limit"):
        return root
    first, second = root.this, root.expression
    if not isinstance(first, exp.Select) or not isinstance(second, exp.Select) or len(first.expressions) != 1:
        return root
    inside = exp.In(this=first.expressions[0].unalias().copy(), query=exp.Subquery(this=second))
    condition = exp.Not(this=inside) if isinstance(root, exp.Except) else inside
    where = first.args.get("where")
    first.set("where", exp.Where(this=exp.And(this=where.this, expression=condition) if where else condition))
    first.set("distinct", exp.Distinct())
    first.pop()
    return first


def _inside(one: exp.Expr) -> exp.Select | None:
    """The SELECT on the other side of IN or `=`."""
    query = one.args.get("query") if isinstance(one, exp.In) else one.expression
    while isinstance(query, exp.Subquery):
        query = query.this
    return query if isinstance(query, exp.Select) and len(query.expressions) == 1 else None
