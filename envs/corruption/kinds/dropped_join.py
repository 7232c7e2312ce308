"""A table left out of the joins: what is asked of it is no longer there, unless nothing is."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile


def dropped_join(node: exp.Expr, profile: Profile) -> Iterator[None]:
    if isinstance(node, exp.Join):
        yield None
