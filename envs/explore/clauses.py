"""What a query is made of, read from its sqlglot tree and not from its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

ORDER = (
    *("SELECT", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "DISTINCT", "DISTINCT in an aggregate"),
    *("INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN or a comma", "NATURAL JOIN", "SEMI JOIN"),
    *("ANTI JOIN", "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "WITH", "WITH RECURSIVE"),
    *("subquery in FROM", "subquery in an expression", "correlated subquery", "EXISTS", "window", "CASE"),
    *("LIKE", "BETWEEN", "IN", "IS NULL", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP"),
)
"""The clauses that are counted, in the order in which a page shows them."""

_NODES = {
    **{"Select": "SELECT", "Where": "WHERE", "Group": "GROUP BY", "Having": "HAVING", "Limit": "LIMIT"},
    **{"Fetch": "LIMIT", "Offset": "OFFSET", "With": "WITH", "Exists": "EXISTS", "Window": "window", "Case": "CASE"},
    **{"Like": "LIKE", "ILike": "LIKE", "Between": "BETWEEN", "In": "IN", "Insert": "INSERT", "Update": "UPDATE"},
    **{"Intersect": "INTERSECT", "Except": "EXCEPT", "Delete": "DELETE", "Merge": "MERGE", "Create": "CREATE"},
    **{"Alter": "ALTER", "Drop": "DROP"},
}
_OVER = {
    *("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE", "LAG", "LEAD"),
    *("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"),
}
"""Functions of windows, some of which sqlglot counts among the aggregates."""
_CALL = re.compile(r"([A-Za-z_]\w*)\(")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Names of clauses (some of `ORDER`), aggregates and other functions that occur at all; `joins` counts all joins.

    A subquery is correlated when a column in it is qualified with a table of the query around it: one without a
    qualifier is not traced.
    """

    clauses: frozenset[str]
    aggregates: frozenset[str]
    functions: frozenset[str]
    joins: int


def anatomy(root: "exp.Expr", dialect: str) -> Anatomy:
    """The parts of one parsed statement; functions are called what they are called in `dialect`."""
    from sqlglot import exp

    clauses: set[str] = set()
    aggregates: set[str] = set()
    functions: set[str] = set()
    joins = 0
    aliases = {table.alias_or_name.lower() for table in root.find_all(exp.Table, exp.Subquery)}
    for node in root.walk():
        clauses.update(_clauses(node, aliases))
        if isinstance(node, exp.Join):
            joins += 1
        elif isinstance(node, exp.AggFunc):
            aggregates |= _call(node, dialect)
        elif isinstance(node, exp.Func) and not isinstance(node, exp.Predicate | exp.Connector | exp.Case):
            functions |= _call(node, dialect)
    functions = functions - aggregates | aggregates & _OVER
    return Anatomy(frozenset(clauses), frozenset(aggregates - _OVER), frozenset(functions), joins)


def _clauses(node: "exp.Expr", aliases: set[str]) -> Iterator[str]:
    from sqlglot import exp

    if name := _NODES.get(type(node).__name__):
        yield name
    if isinstance(node, exp.Join):
        yield _join(node)
    elif isinstance(node, exp.Union):
        yield "UNION" if node.args.get("distinct") else "UNION ALL"
    elif isinstance(node, exp.Distinct):
        yield "DISTINCT" if isinstance(node.parent, exp.Select) else "DISTINCT in an aggregate"
    elif isinstance(node, exp.Order) and isinstance(node.parent, exp.Query):
        yield "ORDER BY"
    elif isinstance(node, exp.With) and node.args.get("recursive"):
        yield "WITH RECURSIVE"
    elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        yield "IS NULL"
    if isinstance(node, exp.Select | exp.SetOperation):
        yield from _subquery(node, aliases)


def _join(join: "exp.Join") -> str:
    if join.method.upper() == "NATURAL":
        return "NATURAL JOIN"
    if join.kind.upper() in ("SEMI", "ANTI"):
        return f"{join.kind.upper()} JOIN"
    if join.side:
        return f"{join.side.upper()} JOIN"
    if join.kind.upper() == "CROSS" or not (join.args.get("on") or join.args.get("using")):
        return "CROSS JOIN or a comma"
    return "INNER JOIN"


def _subquery(query: "exp.Expr", aliases: set[str]) -> Iterator[str]:
    from sqlglot import exp

    around = query.parent
    while isinstance(around, exp.Subquery | exp.Paren):
        around = around.parent
    if around is None or isinstance(around, exp.SetOperation | exp.CTE | exp.Insert | exp.Merge | exp.DDL):
        return
    if isinstance(around, exp.From | exp.Join | exp.Lateral):
        yield "subquery in FROM"
        return
    yield "subquery in an expression"
    own = {table.alias_or_name.lower() for table in query.find_all(exp.Table, exp.Subquery)}
    if any(column.table.lower() in aliases - own for column in query.find_all(exp.Column) if column.table):
        yield "correlated subquery"


def _call(node: "exp.Func", dialect: str) -> set[str]:
    """What a function is called; empty for a sign, a typed literal and a conversion of the parser's own."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return {node.name.upper()}
    typed_literal = isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string
    if typed_literal or type(node).__name__.startswith("TsOrDs"):
        return set()
    text = node.sql(dialect=dialect)
    if found := _CALL.match(text):
        return {found[1].upper()}
    bare = next(node.iter_expressions(), None) is None
    return {text.upper()} if bare and text.isidentifier() else set()
