"""The values that one comparison of the gold asks for: some that fulfil it, and some that just miss it."""

import re
from collections.abc import Sequence

from sqlglot import exp

from envs.execution import Value
from envs.twins.literals import FILLING, liked, matches, neighbours
from envs.twins.records import Column
from envs.twins.values import is_choice

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.In, exp.Between, exp.Is)
_START_OF_DAY = re.compile(r"\d{4}(-\d\d){0,2}")
Plants = tuple[Sequence[Value], Sequence[Value]]


def plants(node: exp.Expr, value: Value, column: Column) -> Plants:
    """Values that fulfil and that just miss a condition, in upper and lower case as the column's own values have it."""
    text, own = str(value), column.sample
    if isinstance(node, exp.Like | exp.ILike):
        if _START_OF_DAY.fullmatch(text.strip("%")) and (days := _days_in(text.strip("%"), column))[0]:
            return days
        good, bad = matches(text)
        there = [v for v in own if isinstance(v, str) and liked(v, text)]
        if there and "%" not in text:
            return there, bad
        return [*there[:3], *good], bad
    if isinstance(node, exp.NEQ) and value not in own and any(str(v).lower() == text.lower() for v in own):
        return (), ()
    good, bad = neighbours(value)
    if isinstance(value, str) and isinstance(node, exp.EQ) and not bad and not is_choice(column):
        return good, [f"{value} {FILLING[0]}"]
    return good, bad


def plants_inside(left: exp.Expr, value: Value, column: Column) -> Plants:
    """The same for a comparison with a function of a column: the start of a text, or the year or month of a date."""
    text = str(value)
    if _START_OF_DAY.fullmatch(text):
        return _days_in(text, column)
    if isinstance(left, exp.Substring) and left.args.get("start") == exp.Literal.number(1):
        own = [v for v in column.sample if isinstance(v, str)][:3]
        return [text + v[len(text) :] for v in own] or [text + FILLING[0]], ()
    return (), ()


def _days_in(text: str, column: Column) -> Plants:
    """Dates that begin with this year, month or day, and such a day of the years beside it."""
    own = [v for v in column.sample if isinstance(v, str) and _START_OF_DAY.match(v)][:3]
    if column.sample and not own:
        return (), ()
    rest = [v[len(text) :] for v in own] or ["-06-15"[len(text) - 4 :]]
    years = [str(int(text[:4]) + step) for step in (-1, 1)]
    return [text + end for end in rest], [year + text[4:] + rest[0] for year in years]


def sides(node: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
    """The column side of a comparison first, then what it is compared with."""
    left: exp.Expr = node.this
    if isinstance(node, exp.In):
        query = node.args.get("query")
        inner = query.this if isinstance(query, exp.Subquery) else query
        return _plain(left), [*node.expressions, *([inner] if inner is not None else [])]
    if isinstance(node, exp.Between):
        return _plain(left), [node.args["low"], node.args["high"]]
    right: exp.Expr = node.expression
    if isinstance(left, exp.Literal) and not isinstance(right, exp.Literal):
        left, right = right, left
    return _plain(left), [_plain(right)]


def _plain(node: exp.Expr) -> exp.Expr:
    """Without what changes the look of a value and not which value it is."""
    while isinstance(node, exp.Paren | exp.Cast | exp.Lower | exp.Upper | exp.Trim | exp.Collate):
        node = node.this
    return node
