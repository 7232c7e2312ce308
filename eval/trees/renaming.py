"""Names that a query gives away itself, made the same for all who write it: aliases of tables and of columns."""

from collections import Counter
from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope


def renamed(root: exp.Expr) -> exp.Expr:
    """`root`, changed in place: each table is called after itself and each derived one `q`, with a number where it
    stands there again; columns of derived tables are `c1`, `c2` and so on; what is shown in the end has no alias.

    Tables must have an alias each (`sqlglot.optimizer.qualify_tables`). An ORDER BY that names an alias gets what it
    stands for, and its place where it orders a set operation.
    """
    _inline_order(root)
    scopes = traverse_scope(root)
    tables: dict[int, tuple[exp.Expr, str]] = {}
    columns: dict[int, tuple[exp.Column, str, str]] = {}
    derived: list[exp.Expr] = []
    counted: Counter[str] = Counter()
    for scope in scopes:
        for alias, node, source in _sources(scope):
            name = source.name.lower() if isinstance(source, exp.Table) else "q"
            counted[name] += 1
            name = name if counted[name] == 1 else f"{name}_{counted[name]}"
            tables[id(node)] = (node, name)
            places: dict[str, str] = {}
            if isinstance(source, Scope) and isinstance(source.expression, exp.Query):
                places = {shown: f"c{i}" for i, shown in enumerate(source.expression.named_selects, 1)}
                derived.append(source.expression)
            for column in scope.columns:
                if column.table == alias and id(column) not in columns:
                    columns[id(column)] = (column, name, places.get(column.name, column.name))
    for node, name in tables.values():
        node.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    for column, table, name in columns.values():
        column.set("table", exp.to_identifier(table, quoted=True))
        column.set("this", exp.to_identifier(name, quoted=True))
    inner = {id(select) for query in derived for select in branches(query)}
    for select in root.find_all(exp.Select):
        for i, shown in enumerate(select.expressions, 1):
            bare = shown.unalias()
            if not bare.is_star:
                shown.replace(exp.alias_(bare.copy(), f"c{i}", quoted=True) if id(select) in inner else bare.copy())
    _rename_common(root)
    return root


def branches(query: exp.Expr) -> Iterator[exp.Select]:
    """The SELECTs whose rows are the query's: itself, or the sides of its set operations."""
    waiting: list[exp.Expr] = [query]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Select):
            yield one
        elif isinstance(one, exp.SetOperation):
            waiting += [one.expression, one.this]
        elif isinstance(one, exp.Subquery):
            waiting.append(one.this)


def _sources(scope: Scope) -> list[tuple[str, exp.Expr, exp.Table | Scope]]:
    """Alias, node and meaning of what a SELECT reads; tables first by their names, so that the order of joins does not
    count."""
    found = [(alias, _named(node), source) for alias, (node, source) in scope.selected_sources.items()]
    return sorted(found, key=lambda one: one[2].name.lower() if isinstance(one[2], exp.Table) else "~")


def _named(node: exp.Expr) -> exp.Expr:
    """What bears the alias: of a query in brackets its brackets."""
    return node.parent if isinstance(node, exp.Query) and isinstance(node.parent, exp.Subquery) else node


def _inline_order(root: exp.Expr) -> None:
    for query in list(root.find_all(exp.Select, exp.SetOperation)):
        order = query.args.get("order")
        if order is None:
            continue
        names = [name.lower() for name in query.named_selects]
        for key in list(order.find_all(exp.Column)):
            if key.table or key.name.lower() not in names:
                continue
            at = names.index(key.name.lower())
            shown = query.selects[at].unalias()
            key.replace(shown.copy() if isinstance(query, exp.Select) else exp.Literal.number(at + 1))


def _rename_common(root: exp.Expr) -> None:
    """Common tables are called `w1`, `w2` in their order, but for one that is called as a table it reads."""
    names = [common.alias.lower() for common in root.find_all(exp.CTE)]
    shadows = any(
        table.name.lower() == common.alias.lower() and not common.parent.args.get("recursive")
        for common in root.find_all(exp.CTE)
        for table in common.this.find_all(exp.Table)
        if common.parent
    )
    if shadows or len(set(names)) != len(names):
        return
    new = {name: f"w{i}" for i, name in enumerate(names, 1)}
    for common in root.find_all(exp.CTE):
        common.set("alias", exp.TableAlias(this=exp.to_identifier(new[common.alias.lower()], quoted=True)))
    for table in root.find_all(exp.Table):
        if table.name.lower() in new and not table.db:
            table.set("this", exp.to_identifier(new[table.name.lower()], quoted=True))
