"""One column more in the answer than was asked for: of the tables in sight, or what the answer is sorted by."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins import scope
from envs.twins.records import Profile


def added_output(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if not isinstance(node, exp.Select) or node.parent is not None or node.is_star:
        return
    order = node.args.get("order")
    sorted_by = [one.this.copy() for one in order.expressions] if order else []
    shown = [one.unalias().name.lower() for one in node.expressions]
    for more in [*sorted_by, *scope.in_sight(node, profile)[:8]]:
        if not isinstance(more, exp.Literal) and more.name.lower() not in shown:
            for at in (0, len(node.expressions)):
                other = node.copy()
                other.set("expressions", [*other.expressions[:at], more.copy(), *other.expressions[at:]])
                yield other
