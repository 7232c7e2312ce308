"""One aggregate for another, and a column without its aggregate."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import operators
from envs.twins.records import Profile


def wrong_aggregate(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Max | exp.Min | exp.Sum | exp.Avg):
        yield from operators(node, profile)
        yield exp.Count(this=node.this.copy())
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Column):
        yield exp.Sum(this=node.this.copy())
        yield exp.Max(this=node.this.copy())
