"""A text as a tree of its own, or None."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlglot import exp
from sqlglot.errors import SqlglotError

from envs import gate

MOST_NODES = 2_000
"""A larger tree is not looked at: qualifying it takes seconds."""

BROKEN = (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError)
"""What sqlglot raises of text that it should not have taken (see `envs.gate.parse`)."""

P = ParamSpec("P")
T = TypeVar("T")


def safely(call: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
    """What `call` returns, None where sqlglot fails inside it."""
    try:
        return call(*args, **named)
    except BROKEN:
        return None


def read(sql: str, dialect: str) -> exp.Expr | None:
    """The one statement in `sql`, without comments, for the caller to change. Raises ValueError for a dialect that
    sqlglot does not know."""
    if gate.unreadable(sql):
        return None
    root = gate.parse(sql, dialect)
    return None if isinstance(root, str) else safely(_copy, root)


def _copy(root: exp.Expr) -> exp.Expr | None:
    copy = root.copy()
    for number, node in enumerate(copy.walk()):
        if number >= MOST_NODES:
            return None
        node.comments = None
    return copy
