"""AND for OR, or OR for AND."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import operators
from envs.twins.records import Profile


def wrong_connective(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And | exp.Or):
        yield from operators(node, profile)
