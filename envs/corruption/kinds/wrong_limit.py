"""One row more, one less, or all of them."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile
from envs.twins.shape_mistakes import ordering


def wrong_limit(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr | None]:
    if not isinstance(node, exp.Limit):
        return
    yield from ordering(node, profile)
    number = node.expression
    if isinstance(number, exp.Literal) and number.is_int and int(number.name) > 1:
        yield exp.Limit(expression=exp.Literal.number(int(number.name) - 1))
        yield exp.Limit(expression=exp.Literal.number(1))
