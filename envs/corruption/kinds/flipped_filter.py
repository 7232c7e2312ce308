"""A condition turned round: what it kept it leaves out."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.condition_mistakes import operators
from envs.twins.records import Profile

_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}
_DENIED = (exp.In, exp.Like, exp.Between, exp.Is, exp.Exists)


def flipped_filter(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if turned := _TURNED.get(type(node)):
        yield turned(this=node.this.copy(), expression=node.args["expression"].copy())
    if isinstance(node, exp.EQ | exp.NEQ | exp.Not) and not node.find_ancestor(exp.Join):
        yield from operators(node, profile)
    if isinstance(node, _DENIED) and not isinstance(node.parent, exp.Not):
        yield exp.Not(this=node.copy())
