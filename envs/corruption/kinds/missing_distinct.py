"""DISTINCT left out, of a SELECT or of a COUNT."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import repeats
from envs.twins.records import Profile


def missing_distinct(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if node.args.get("distinct") or (isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct)):
        yield from repeats(node, profile)
