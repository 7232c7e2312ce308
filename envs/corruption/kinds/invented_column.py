"""A column that no table has, plausibly spelt: such an answer does not run, or SQLite takes it for text."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import column_of, invented, renamed
from envs.twins.records import Profile


def invented_column(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if found := column_of(node, profile):
        yield from (renamed(node, name) for name in invented(node.name, found[0], profile))
