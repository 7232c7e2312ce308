"""What a query is made of, in a few lines that could have been written before it: what the prompt `steps` asks for.

    Tables: singer, concert
    Columns: singer.name, concert.year
    Joins: singer.id = concert.singer_id
    Conditions: concert.year > 2014; singer.age > (a query)

Lines that would say nothing are left out. Of nested queries all parts are named, the outermost first. In the manner of
plans before SQL (Wei et al., 2022, arXiv:2201.11903, for the idea; no text of theirs).
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from envs import gate

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

Lines = dict[str, dict[str, None]]
"""Line -> what it names, in order and once."""
NAMES = ("Tables", "Columns", "Joins", "Conditions", "Groups", "Order", "Combined")


@lru_cache(maxsize=20_000)
def short_plan(sql: str, dialect: str) -> str:
    """The lines for one query; "" where it is none, or none that sqlglot can read."""
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    root = gate.parse(sql, dialect)
    if isinstance(root, str):
        return ""
    found: Lines = {name: {} for name in NAMES}
    try:
        for scope in reversed(traverse_scope(root)):
            for line, part in _parts(scope, dialect):
                found[line].setdefault(" ".join(part.split()))
    except (SqlglotError, RecursionError):
        return ""
    return "\n".join(f"{line}: {_joined(line, parts)}" for line, parts in found.items() if parts)


def _joined(line: str, parts: Iterable[str]) -> str:
    return (", " if line in ("Tables", "Columns") else "; ").join(parts)


def _parts(scope: "Scope", dialect: str) -> Iterator[tuple[str, str]]:
    from sqlglot import exp

    query = scope.expression
    if isinstance(query, exp.SetOperation):
        yield "Combined", f"{query.key.upper()}{' ALL' if query.args.get('distinct') is False else ''}"
    called = dict(_called(scope))

    def written(part: "exp.Expr") -> str:
        return _plain(part, called).sql(dialect)

    for source in scope.sources.values():
        if isinstance(source, exp.Table):
            yield "Tables", source.name
    if isinstance(query, exp.Select):
        for column in query.find_all(exp.Column):
            if column.find_ancestor(exp.Select) is query:
                yield "Columns", written(column)
        for join in query.args.get("joins") or ():
            for condition in _conjuncts(join.args.get("on")):
                yield "Joins", written(condition)
            for name in join.args.get("using") or ():
                yield "Joins", f"both {name.name}"
        for condition in _conjuncts(getattr(query.args.get("where"), "this", None)):
            yield "Conditions", written(condition)
        for part in getattr(query.args.get("group"), "expressions", ()):
            yield "Groups", written(part)
        for condition in _conjuncts(getattr(query.args.get("having"), "this", None)):
            yield "Groups", f"only where {written(condition)}"
    for part in getattr(query.args.get("order"), "expressions", ()):
        yield "Order", written(part)
    if (limit := query.args.get("limit")) is not None:
        yield "Order", f"the first {written(limit.expression)}" if limit.args.get("expression") else written(limit)


def _called(scope: "Scope") -> Iterator[tuple[str, str]]:
    """Alias -> the table's own name, but for a table that stands there twice."""
    from sqlglot import exp

    tables = {alias: source.name for alias, source in scope.sources.items() if isinstance(source, exp.Table)}
    names = [name.lower() for name in tables.values()]
    for alias, name in tables.items():
        yield alias.lower(), name if names.count(name.lower()) == 1 else alias


def _plain(part: "exp.Expr", called: dict[str, str]) -> "exp.Expr":
    """A copy in which tables go by their names, and a query in it by "(a query)"."""
    from sqlglot import exp

    alone = next(iter(called.values())) if len(called) == 1 else ""

    def changed(node: "exp.Expr") -> "exp.Expr":
        if isinstance(node, exp.Query):
            return exp.var("(a query)")
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            name = called.get(node.table.lower(), node.table) or alone
            return exp.Column(this=node.this.copy(), table=exp.to_identifier(name) if name else None)
        return node

    return part.copy().transform(changed)


def _conjuncts(condition: "exp.Expr | None") -> "Iterator[exp.Expr]":
    from sqlglot import exp

    if condition is None:
        return
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from condition.flatten()
    else:
        yield condition
