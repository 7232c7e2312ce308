"""Names of columns and tables in a gold: which a node stands for, others in its place, and some that do not exist."""

import re
from collections.abc import Iterator
from itertools import pairwise

from sqlglot import exp

from envs.twins import scope
from envs.twins.records import Column, Profile, Table

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")


def column_of(node: exp.Expr, profile: Profile) -> tuple[Table, Column] | None:
    """The table's column that a node stands for; None for any other node, and for text in SQLite's double quotes."""
    if not isinstance(node, exp.Column) or scope.text_of(node, profile) is not None:
        return None
    at = scope.place(node, profile)
    table = profile.table(at[0]) if at else None
    column = table.column(at[1]) if at and table else None
    return (table, column) if table and column else None


def clause_of(node: exp.Expr) -> type[exp.Expr] | None:
    """Group, Order or Join where the node stands in that clause of its own SELECT, else None."""
    around = node.find_ancestor(exp.Group, exp.Order, exp.Join, exp.Window, exp.Select)
    return None if around is None or isinstance(around, exp.Select | exp.Window) else type(around)


def renamed(node: exp.Expr, name: str) -> exp.Expr:
    """A column or table under another name; its qualifier or alias stays."""
    other = node.copy()
    other.set("this", exp.to_identifier(name, quoted=not re.fullmatch(r"[^\W\d]\w*", name)))
    return other


def invented(name: str, beside: Table | None, profile: Profile) -> Iterator[str]:
    """Names that no table or column has: a part less, a part of a neighbour instead, the table's name before it."""
    known = {c.name.lower() for t in profile.tables for c in t.columns} | {t.name.lower() for t in profile.tables}
    parts = _PART.findall(name)
    joint = "_" if "_" in name or not any(sign.isupper() for sign in name[1:]) else ""
    others = [c.name for c in beside.columns] if beside else [t.name for t in profile.tables]
    pieces = dict.fromkeys(piece for other in others for piece in _PART.findall(other))
    lists = [[part for j, part in enumerate(parts) if j != i] for i in range(len(parts))] if len(parts) > 1 else []
    lists += [[*parts[:-1], piece] for piece in pieces if len(parts) > 1]
    lists += [[piece, *parts[1:]] for piece in pieces if len(parts) > 1]
    lists += [[*parts, piece] for piece in pieces if len(parts) == 1 and len(piece) > 2]
    if beside is not None:
        lists.append([*_PART.findall(beside.name.removesuffix("s")), *parts])
    repeat = any(one.lower() == other.lower() for one, other in pairwise(parts))
    lists = [some for some in lists if repeat or all(a.lower() != b.lower() for a, b in pairwise(some))]
    made = [joint.join(_cased(parts, some)) for some in lists]
    made += [name.removesuffix("s") if name.endswith("s") else f"{name}s"]
    for text in dict.fromkeys(made):
        if text and text.lower() not in known and text[0].isalpha() and text.lower() not in _TAKEN:
            yield text


def _cased(parts: list[str], some: list[str]) -> list[str]:
    """Parts written as those of the name are: the first as its first, the others as its second or last."""
    first, later = parts[0], parts[min(1, len(parts) - 1)]

    def like(part: str, model: str) -> str:
        return part.lower() if model.islower() else part.upper() if model.isupper() else part.capitalize()

    return [like(part, later if i else first) for i, part in enumerate(some)]


_TAKEN = {
    *("order", "group", "by", "select", "from", "where", "to", "on", "in", "is", "as", "no", "all", "table", "index"),
    *("date", "time", "year", "month", "day", "end", "start", "key", "value", "values", "set", "limit", "and", "or"),
}
"""Words that would not be read as a name, or might be."""
