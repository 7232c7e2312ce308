"""A table that the database does not have, plausibly spelt: such an answer does not run."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import invented, renamed
from envs.twins.records import Profile


def invented_table(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Table) and profile.table(node.name):
        yield from (renamed(node, name) for name in invented(node.name, None, profile))
