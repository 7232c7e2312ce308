"""One tree for queries that say the same in ways that sqlglot and SQL's own rules can show."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from envs.lexical import unstyled
from eval.trees.qualified import qualified
from eval.trees.reading import safely

_MIRRORED = {exp.GT: exp.LT, exp.GTE: exp.LTE}
_EITHER_WAY = (exp.EQ, exp.NEQ, exp.Add, exp.Mul)


@dataclass(frozen=True, slots=True)
class Canonical:
    """`root` is not to be changed; `text` is equal where two trees are; `nodes` counts them, names left out."""

    root: exp.Expr
    text: str
    nodes: int


def canonical(sql: str, dialect: str, schema: str) -> Canonical | None:
    """The `qualified` tree, simplified by sqlglot, with one order where SQL gives none: conditions, sides of `=` and of
    sums, lists after IN, groups, tables of inner joins (their conditions stand in WHERE), sides of UNION and INTERSECT.

    Of a statement that writes it is the `qualified` tree. Two equal trees give the same rows on every database of that
    schema, as far as sqlglot reads both as the engine does; that two differ proves nothing.
    """
    return _read(unstyled(sql, dialect), dialect, schema)


@lru_cache(maxsize=2048)
def _read(sql: str, dialect: str, schema: str) -> Canonical | None:
    root = qualified(sql, dialect, schema)
    return None if root is None else safely(_canonical, root, dialect)


def _canonical(root: exp.Expr, dialect: str) -> Canonical:
    found = _rewritten(root.copy(), dialect) if isinstance(root, exp.Query) else root
    return Canonical(found, _text(found), sum(not isinstance(node, exp.Identifier) for node in found.walk()))


def _text(node: exp.Expr) -> str:
    return node.sql(dialect="")


def _rewritten(root: exp.Expr, dialect: str) -> exp.Expr:
    root = simplify(root, dialect=dialect)
    for select in root.find_all(exp.Select):
        _join_in_where(select)
    # from the leaves up, so that each is ordered by what is in order already
    for node in reversed(list(root.walk(bfs=True))):
        if node is root:
            root = _ordered(node)
        elif (other := _ordered(node)) is not node:
            node.replace(other)
    return root


def _join_in_where(select: exp.Select) -> None:
    """Inner joins, commas and what WHERE equates are one thing, where nothing in the FROM is an outer join."""
    joins: list[exp.Join] = select.args.get("joins") or []
    start = select.args.get("from_")
    plain = all(not (join.side or join.method) and join.kind.upper() in ("", "INNER", "CROSS") for join in joins)
    starred = any(shown.is_star for shown in select.expressions)
    if start is None or not joins or not plain or starred or select.args.get("laterals"):
        return
    sources = sorted([start.this, *(join.this for join in joins)], key=_text)
    if not all(isinstance(one, exp.Table | exp.Subquery) for one in sources):
        return
    conditions = [join.args["on"] for join in joins if join.args.get("on")]
    where = select.args.get("where")
    conditions += [where.this] if where else []
    select.set("from_", exp.From(this=sources[0].copy()))
    select.set("joins", [exp.Join(this=source.copy(), kind="CROSS") for source in sources[1:]])
    if conditions:
        select.set("where", exp.Where(this=_joined(exp.And, conditions)))


def _ordered(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.And | exp.Or):
        return node if isinstance(node.parent, type(node)) else _joined(type(node), node.flatten())
    if isinstance(node, exp.Paren):
        return node.this if not isinstance(node.parent, exp.Binary | exp.Unary) else node
    if isinstance(node, exp.Between) and not node.args.get("symmetric"):
        low, high = node.args["low"], node.args["high"]
        both = [exp.LTE(this=low, expression=node.this), exp.LTE(this=node.this.copy(), expression=high)]
        joined = _joined(exp.And, both)
        return joined if isinstance(node.parent, exp.And | exp.Where | exp.Having) else exp.Paren(this=joined)
    if mirrored := _MIRRORED.get(type(node)):
        return mirrored(this=node.expression, expression=node.this)
    if isinstance(node, _EITHER_WAY) and _text(node.expression) < _text(node.this):
        return type(node)(this=node.expression, expression=node.this)
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Literal) and not node.expressions:
        return exp.Count(this=exp.Star(), big_int=node.args.get("big_int"))
    if isinstance(node, exp.In | exp.Group) and node.expressions:
        node.set("expressions", _unique(node.expressions))
    elif isinstance(node, exp.Ordered):
        node.set("desc", bool(node.args.get("desc")))
    elif isinstance(node, exp.Union | exp.Intersect) and not (node.args.get("order") or node.args.get("limit")):
        sides = sorted([node.this, node.expression], key=_text)
        node.set("this", sides[0])
        node.set("expression", sides[1])
    return node


def _unique(nodes: Iterable[exp.Expr]) -> list[exp.Expr]:
    found = {_text(one): one for one in nodes}
    return [found[key] for key in sorted(found)]


def _joined(kind: type[exp.Expr], parts: Iterable[exp.Expr]) -> exp.Expr:
    """Conditions without repeats and in one order, again as a chain."""
    flat: list[exp.Expr] = []
    waiting = list(parts)
    while waiting:
        one = waiting.pop().unnest()
        if isinstance(one, kind):
            waiting += [one.this, one.expression]
        else:
            flat.append(exp.Paren(this=one.copy()) if isinstance(one, exp.And | exp.Or) else one.copy())
    return reduce(lambda left, right: kind(this=left, expression=right), _unique(flat))
