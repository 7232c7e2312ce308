"""A column asked of another of the tables that are joined."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins import scope
from envs.twins.records import Profile


def wrong_alias(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    select = node.find_ancestor(exp.Select) if isinstance(node, exp.Column) and node.table else None
    names = [source.alias_or_name for source in scope.sources(select)] if select else []
    if node.text("table").lower() not in [name.lower() for name in names]:
        return
    for name in names:
        if name.lower() != node.text("table").lower():
            other = node.copy()
            other.set("table", exp.to_identifier(name))
            yield other
