"""The clauses of a query as texts that can be compared: aliases resolved, literals hidden, conditions in one order.

Every function takes a query as sqlglot read it and whether columns are written with their table, and returns texts of
the whole query, nested ones included, sorted where SQL does not care for the order. `UNKNOWN` stands for a table that
the query leaves to the engine to find.
"""

from collections.abc import Iterator

from sqlglot import exp

UNKNOWN = "?."
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}


def set_operations(root: exp.Expr, tables: bool) -> list[str]:
    return sorted(f"{type(one).__name__} {one.args.get('distinct')}" for one in root.find_all(exp.SetOperation))


def tables(root: exp.Expr, tables: bool) -> list[str]:
    own = {cte.alias_or_name.lower() for cte in root.find_all(exp.CTE)}
    return sorted({one.name.lower() for one in root.find_all(exp.Table)} - own)


def joins(root: exp.Expr, tables: bool) -> list[str]:
    """Sides, and what is equated, wherever it stands: a comma and a WHERE join as JOIN and ON do."""
    sides = sorted(side for one in root.find_all(exp.Join) if (side := str(one.args.get("side") or "")))
    count = len(list(root.find_all(exp.Join)))
    keys = {text(one, tables) for one in root.find_all(exp.EQ) if is_key(one)}
    named = {f"using {name.name.lower()}" for one in root.find_all(exp.Join) for name in one.args.get("using") or ()}
    return [f"{count} joins", *sides, *sorted(keys | named)]


def nesting(root: exp.Expr, tables: bool) -> list[str]:
    """How many queries there are inside the query, beyond those of its set operations."""
    selects, sets = (len(list(root.find_all(kind))) for kind in (exp.Select, exp.SetOperation))
    return [str(selects - sets)]


def aggregates(root: exp.Expr, tables: bool) -> list[str]:
    """The functions that are called in what is shown, and whether over distinct values."""
    found: list[str] = []
    for select in _selects(root):
        for shown in select.expressions:
            calls = (exp.AggFunc, exp.Window, exp.Anonymous)
            found += [call(one) for one in shown.find_all(*calls) if one.find_ancestor(exp.Select) is select]
    return sorted(found)


def projection(root: exp.Expr, tables: bool) -> list[str]:
    return [text(shown.unalias(), tables) for select in _selects(root) for shown in select.expressions]


def filters(root: exp.Expr, tables: bool) -> list[str]:
    found = (one for select in _selects(root) for one in conjuncts(select.args.get("where")))
    return sorted(text(one, tables) for one in found if not is_key(one))


def grouping(root: exp.Expr, tables: bool) -> list[str]:
    groups = (select.args.get("group") for select in _selects(root))
    return [" ".join(sorted(text(one, tables) for one in group.expressions)) for group in groups if group]


def having(root: exp.Expr, tables: bool) -> list[str]:
    return sorted(text(one, tables) for select in _selects(root) for one in conjuncts(select.args.get("having")))


def order(root: exp.Expr, tables: bool) -> list[str]:
    found = (one for clause in root.find_all(exp.Order, bfs=False) for one in clause.expressions)
    return [f"{text(one.this, tables)} {'desc' if one.args.get('desc') else 'asc'}" for one in found]


def limit(root: exp.Expr, tables: bool) -> list[str]:
    return [f"{type(one).__name__} {one.expression}" for one in root.find_all(exp.Limit, exp.Offset, exp.Fetch)]


def distinct(root: exp.Expr, tables: bool) -> list[str]:
    return [str(bool(select.args.get("distinct"))) for select in _selects(root)]


def literals(root: exp.Expr) -> list[str]:
    """Each with what it stands in; those in double quotes too, which sqlglot takes for columns."""
    found = root.find_all(exp.Literal, exp.Column, exp.Boolean, exp.Null)
    values = ((one, one.name or str(one)) for one in found if not isinstance(one, exp.Column) or _is_string(one))
    return sorted(f"{text(one.parent, False) if one.parent else ''}: {value}" for one, value in values)


def _selects(root: exp.Expr) -> Iterator[exp.Select]:
    return root.find_all(exp.Select, bfs=False)


def conjuncts(clause: exp.Expr | None) -> list[exp.Expr]:
    """What WHERE or HAVING joins by AND."""
    if clause is None:
        return []
    inside = clause.this.unnest()
    return [one.unnest() for one in inside.flatten()] if isinstance(inside, exp.And) else [inside]


def is_key(one: exp.Expr) -> bool:
    """Whether it equates two columns."""
    sides = (one.args.get("this"), one.args.get("expression"))
    return isinstance(one, exp.EQ) and all(isinstance(side, exp.Column) and not _is_string(side) for side in sides)


def _is_string(column: exp.Expr) -> bool:
    """Whether it is one in double quotes, as SQLite takes for a string where no column has the name."""
    return isinstance(column.this, exp.Identifier) and bool(column.this.quoted) and not column.args.get("table")


def call(one: exp.Expr) -> str:
    """The name of a function, and whether it is over distinct values."""
    name = one.name.lower() if isinstance(one, exp.Anonymous) else type(one).__name__
    return f"{name} distinct" if isinstance(one.this, exp.Distinct) else name


def text(one: exp.Expr, tables: bool) -> str:
    """An expression as text; a query inside it is left out, for it is compared by itself."""
    owner = one.find_ancestor(exp.Select)
    names = _aliases(owner) if owner else {}
    return one.transform(_bare, names, tables).transform(_mirrored, copy=False).sql().lower()


def _bare(node: exp.Expr, names: dict[str, str], tables: bool) -> exp.Expr:
    if isinstance(node, exp.Query | exp.Subquery):
        return exp.var("query")
    if isinstance(node, exp.Column):
        if _is_string(node):
            return exp.var("value")
        table = names.get(node.table.lower(), node.table.lower())
        only = next(iter(names.values())) if len(set(names.values())) == 1 else UNKNOWN[0]
        return exp.var(f"{table or only}.{node.name.lower()}" if tables else node.name.lower())
    if isinstance(node, exp.Literal) or (isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)):
        return exp.var("value")
    return node


def _mirrored(node: exp.Expr) -> exp.Expr:
    """A comparison with the side first that comes first in the alphabet."""
    mirrored = _MIRRORED.get(type(node))
    if mirrored and str(node.this) > str(node.expression):
        return mirrored(this=node.expression, expression=node.this)
    return node


def _aliases(select: exp.Select) -> dict[str, str]:
    """Each name of a table in the query's FROM -> the table it stands for, in lower case."""
    clause = select.args.get("from_")
    found = [clause.this] if clause else []
    found += [one.this for one in select.args.get("joins") or ()]
    return {one.alias_or_name.lower(): (one.name or one.alias).lower() for one in found}
