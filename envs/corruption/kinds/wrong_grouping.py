"""Groups by another column, by one column less, or none."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile
from envs.twins.shape_mistakes import grouping


def wrong_grouping(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr | None]:
    yield from grouping(node, profile)
