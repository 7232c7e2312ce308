"""One of UNION, INTERSECT and EXCEPT for another, or one side alone."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile
from envs.twins.shape_mistakes import sets


def wrong_set_operation(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    yield from sets(node, profile)
