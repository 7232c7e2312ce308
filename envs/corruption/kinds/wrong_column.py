"""Another column of the same table: shown, compared or aggregated where the gold has another."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import clause_of, column_of, renamed
from envs.twins.records import Profile


def wrong_column(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    found = None if clause_of(node) else column_of(node, profile)
    for column in found[0].columns if found else ():
        if found and column is not found[1]:
            yield renamed(node, column.name)
