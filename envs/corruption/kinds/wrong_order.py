"""The other direction, another column to sort by, or no order at all."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import clause_of, column_of, renamed
from envs.twins.records import Profile
from envs.twins.shape_mistakes import ordering


def wrong_order(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr | None]:
    if isinstance(node, exp.Order):
        yield from ordering(node, profile)
    if isinstance(node, exp.Ordered):
        for nulls_first in (True, False):  # one of them is what the dialect does by itself
            other = node.copy()
            other.set("desc", None if node.args.get("desc") else True)
            other.set("nulls_first", nulls_first)
            yield other
    found = column_of(node, profile) if clause_of(node) is exp.Order else None
    for column in found[0].columns if found else ():
        if found and column is not found[1]:
            yield renamed(node, column.name)
