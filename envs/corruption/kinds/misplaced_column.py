"""A column that only another table of the schema has, asked of this one: the name is real, and the answer rarely runs.

Half of the wrong answers of a seedling that was fine-tuned are of this kind or `invented_column`'s.
"""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import column_of, renamed
from envs.twins.records import Profile


def misplaced_column(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    found = column_of(node, profile)
    for table in profile.tables if found else ():
        for column in table.columns:
            if found and found[0].column(column.name) is None:
                yield renamed(node, column.name)
