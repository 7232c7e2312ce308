"""Another table of the database where the gold reads one; its alias stays."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import renamed
from envs.twins.records import Profile


def wrong_table(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    own = profile.table(node.name) if isinstance(node, exp.Table) else None
    for table in profile.tables if own else ():
        if table is not own:
            yield renamed(node, table.name)
