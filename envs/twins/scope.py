"""Which table's column a name in a query stands for, through aliases, subqueries and common table expressions."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.links import key_columns
from envs.twins.records import Profile

Place = tuple[str, str]
"""Table and column, in lower case."""
DEPTH = 12
"""Subqueries a name is followed through."""


def place(column: exp.Column, profile: Profile, depth: int = DEPTH) -> Place | None:
    """The table column that `column` stands for; None when it stands for none, or for an expression."""
    if not depth:
        return None
    name, qualifier = column.name.lower(), column.table.lower()
    around: exp.Expr = column
    while found_in := around.find_ancestor(exp.Select, exp.Update, exp.Delete):
        around = found_in
        for source in sources(around):
            if qualifier and source.alias_or_name.lower() != qualifier:
                continue
            found = _inside(source, name, profile, depth)
            if found is not None:
                return found
        if not qualifier and isinstance(around, exp.Select):
            for shown in around.expressions:
                if isinstance(shown, exp.Alias) and shown.alias.lower() == name and shown is not column.parent:
                    inner = shown.this
                    return place(inner, profile, depth - 1) if isinstance(inner, exp.Column) else None
    return None


def sources(query: exp.Expr) -> Iterator[exp.Expr]:
    """The tables and subqueries directly in the FROM and JOINs of a SELECT, or the table of an UPDATE or DELETE."""
    if not isinstance(query, exp.Select):
        if isinstance(query.this, exp.Table):
            yield query.this
        return
    start = query.args.get("from_")
    if start is not None:
        yield start.this
        yield from (join.this for join in start.this.args.get("joins") or ())
    yield from (join.this for join in query.args.get("joins") or ())


def text_of(node: exp.Expr, profile: Profile) -> str | None:
    """The text of a string literal, also of one that SQLite lets stand in double quotes; None for anything else."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    quoted = isinstance(node, exp.Column) and not node.table and isinstance(node.this, exp.Identifier)
    if quoted and node.this.args.get("quoted") and not any(t.column(node.name) for t in profile.tables):
        return node.name
    return None


def in_sight(select: exp.Expr, profile: Profile, keys_first: bool = False) -> list[exp.Expr]:
    """The columns of the tables in one SELECT, qualified."""
    keys: list[exp.Expr] = []
    rest: list[exp.Expr] = []
    for source in sources(select):
        table = profile.table(source.name) if isinstance(source, exp.Table) else None
        for column in table.columns if table is not None else ():
            assert table is not None
            shown = exp.column(exp.to_identifier(column.name, quoted=True), table=source.alias_or_name)
            (keys if (column.name in key_columns(table)) else rest).append(shown)
    return keys + rest if keys_first else rest + keys


def _inside(source: exp.Expr, name: str, profile: Profile, depth: int) -> Place | None:
    if isinstance(source, exp.Table):
        query = _common_table(source)
        if query is None:
            table = profile.table(source.name)
            return (table.name.lower(), name) if table is not None and table.column(name) else None
    elif isinstance(source, exp.Subquery):
        query = source.this
    else:
        return None
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    if not isinstance(query, exp.Select):
        return None
    for shown in query.expressions:
        if shown.alias_or_name.lower() == name:
            inner = shown.unalias()
            return place(inner, profile, depth - 1) if isinstance(inner, exp.Column) else None
    if any(shown.is_star for shown in query.expressions):
        return next((p for s in sources(query) if (p := _inside(s, name, profile, depth - 1))), None)
    return None


def _common_table(table: exp.Table) -> exp.Expr | None:
    around: exp.Expr | None = table
    while around is not None:
        clause = around.args.get("with_")
        for one in clause.expressions if clause is not None else ():
            if one.alias.lower() == table.name.lower() and one.find(exp.Table) is not table:
                return one.this
        around = around.parent
    return None
