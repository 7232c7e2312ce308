"""DISTINCT where nobody asked for it, in a SELECT or in a COUNT."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import counted, repeats
from envs.twins.records import Profile


def added_distinct(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Select) and not node.args.get("distinct"):
        yield from repeats(node, profile)
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Column):
        yield exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))
    yield from counted(node, profile)
