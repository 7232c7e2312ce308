"""A bound that is taken in where it should be left out, or the other way round, or is one more or one less."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.literals import neighbours, value_of
from envs.twins.records import Profile

_BESIDE: dict[type[exp.Expr], type[exp.Expr]] = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}


def off_by_one_bound(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    if beside := _BESIDE.get(type(node)):
        yield beside(this=node.this.copy(), expression=node.args["expression"].copy())
    compared = isinstance(node.parent, exp.LT | exp.LTE | exp.GT | exp.GTE | exp.Between)
    if isinstance(node, exp.Literal) and compared:
        for value in neighbours(value_of(node, profile))[1]:
            if isinstance(value, int):
                yield exp.Literal.number(value)
            elif isinstance(value, str) and node.is_string:
                yield exp.Literal.string(value)
