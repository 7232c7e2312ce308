"""The two sides of a minus or a division in each other's place, or plus for minus and times for division."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import operators
from envs.twins.records import Profile


def wrong_arithmetic(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Sub | exp.Div):
        yield type(node)(this=node.args["expression"].copy(), expression=node.this.copy())
    if isinstance(node, exp.Add | exp.Sub):
        yield from operators(node, profile)
    if isinstance(node, exp.Mul | exp.Div):
        other = exp.Div if isinstance(node, exp.Mul) else exp.Mul
        yield other(this=node.this.copy(), expression=node.args["expression"].copy())
