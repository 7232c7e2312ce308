"""An outer join for an inner one, or an inner one for an outer."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile
from envs.twins.shape_mistakes import joining


def wrong_join_side(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    for other in joining(node, profile):
        if other is not None and other.args.get("on") is not None:
            yield other
