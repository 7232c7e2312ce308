"""Tables joined by the wrong column of one of them, or by a column that both have and that is not the key."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import column_of, renamed
from envs.twins.records import Profile


def wrong_join_key(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    join = node.find_ancestor(exp.Join, exp.Select) if isinstance(node, exp.EQ) else None
    if not isinstance(join, exp.Join):
        return
    left, right = node.this, node.args["expression"]
    tables = column_of(left, profile), column_of(right, profile)
    for side, found in zip(("this", "expression"), tables, strict=True):
        for column in found[0].columns if found else ():
            if found and column is not found[1] and (column.kind == found[1].kind or _keyed(column.name)):
                other = node.copy()
                other.set(side, renamed(node.args[side], column.name))
                yield other
    if tables[0] and tables[1]:
        for table in profile.tables:
            for name in [c.name for c in table.columns if _keyed(c.name)]:
                if name.lower() not in (left.name.lower(), right.name.lower()):
                    yield exp.EQ(this=renamed(left, name), expression=renamed(right, name))


def _keyed(name: str) -> bool:
    return name.lower().endswith("id")
