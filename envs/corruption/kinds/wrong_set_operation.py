"""One of UNION, INTERSECT and EXCEPT for another, or one side alone; the order of the whole stays."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile
from envs.twins.shape_mistakes import sets


def wrong_set_operation(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    for other in sets(node, profile):
        for part in ("with_", "order", "limit", "offset"):
            kept = node.args.get(part)
            if kept is not None and other.args.get(part) is None:
                other.set(part, kept.copy())
        yield other
