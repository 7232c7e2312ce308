"""An answer beside its gold: two canonical trees whose columns have the same name where joins equate them."""

from dataclasses import dataclass

from sqlglot import exp

from envs import clauses
from envs.example import Example
from eval.taxonomy.unnested import unnested, without_set_operations
from eval.trees.canonical import canonical
from eval.trees.renaming import branches


@dataclass(frozen=True, slots=True)
class Beside:
    """Trees that are not to be changed. In `found` and `gold` columns that either of the two equates by a join have one
    name, so that `T1.id` for `T2.t1_id` is no difference; in `found_joins` and `gold_joins` they have their table's.
    `same_tables` says that both read the same: where they do not, columns are compared by their name alone.
    `set_operations` says that these are as they were written."""

    found: exp.Expr
    gold: exp.Expr
    found_joins: exp.Expr
    gold_joins: exp.Expr
    same_tables: bool
    set_operations: bool


def beside(sql: str, gold_sql: str, example: Example, set_operations: bool = True) -> Beside | None:
    """None where sqlglot cannot read one of the two. Without `set_operations` they are written as conditions, where
    that can be."""
    read = [canonical(text, example.dialect, example.schema) for text in (sql, gold_sql)]
    copies = [one.root.copy() for one in read if one is not None]
    if len(copies) < 2:
        return None
    if not set_operations:
        copies = [without_set_operations(copy) for copy in copies]
    found, gold = (unnested(copy, whatever=not set_operations) for copy in copies)
    same: dict[str, str] = {}
    for root in (found, gold):
        for one in root.find_all(exp.EQ):
            if clauses.is_key(one) and _holds(one):
                first, second = sorted((_end(same, _key(one.this)), _end(same, _key(one.expression))))
                same[second] = first
    same_tables = clauses.tables(found, True) == clauses.tables(gold, True)
    return Beside(
        _merged(found, same), _merged(gold, same), _by_table(found), _by_table(gold), same_tables, set_operations
    )


def first_select(root: exp.Expr) -> exp.Select | None:
    """The SELECT whose rows are the answer's, or the first of them."""
    return next(branches(root), None)


def _holds(one: exp.Expr) -> bool:
    """Whether it is a condition by itself, and not under OR or NOT."""
    around = one.parent
    while isinstance(around, exp.And | exp.Paren):
        around = around.parent
    return isinstance(around, exp.Where | exp.Join)


def _key(column: exp.Expr) -> str:
    return f"{column.text('table')}.{column.name}"


def _end(same: dict[str, str], name: str) -> str:
    while same.get(name, name) != name:
        name = same[name]
    return name


def _by_table(root: exp.Expr) -> exp.Expr:
    """`root`, changed in place: columns are qualified by their table where they were by its alias."""
    names = {table.alias_or_name: table.name for table in root.find_all(exp.Table)}
    for column in root.find_all(exp.Column):
        if column.table in names:
            column.set("table", exp.to_identifier(names[column.table], quoted=True))
    return root


def _merged(root: exp.Expr, same: dict[str, str]) -> exp.Expr:
    copy = root.copy()
    for column in copy.find_all(exp.Column):
        table, _, name = _end(same, _key(column)).partition(".")
        if table and name != "*":
            column.set("table", exp.to_identifier(table, quoted=True))
            column.set("this", exp.to_identifier(name, quoted=True))
    return copy
