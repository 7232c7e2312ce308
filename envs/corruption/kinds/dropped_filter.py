"""A condition left out, or all of a WHERE or HAVING."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import predicates
from envs.twins.records import Profile


def dropped_filter(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr | None]:
    if not node.find_ancestor(exp.Join) or isinstance(node, exp.Where | exp.Having):
        yield from predicates(node, profile)
