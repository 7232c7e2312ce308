"""How much a query would make SQLite go through, by its plan (https://sqlite.org/eqp.html): an estimate, nothing runs.

What SQLite knows of its tables is in sqlite_stat1, where somebody ran ANALYZE; else tables are counted.
"""

# pyright: reportUnknownMemberType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from math import prod
from typing import Any, Protocol, cast

import apsw

from envs.engines._sqlite_catalog import strict_name
from envs.values import normal_rows

GUESS = 10
"""Rows that one value of an index finds, where nobody counted: SQLite's own default
(https://sqlite.org/fileformat2.html#stat1tab)."""
_LOOP = re.compile(r'(SCAN|SEARCH) (?:"(?P<quoted>[^"]+)"|(?P<name>\S+))(?P<how>.*)', re.DOTALL)
_INDEX = re.compile(r"INDEX (\S+) \((.*)\)")
Node = tuple[int, str]


class Handled(Protocol):
    """`envs.engines.sqlite.SqliteConnection`."""

    handle: apsw.Connection

    def deadline(self, seconds: float) -> AbstractContextManager[None]: ...


def widest_step(connection: Handled, sql: str, tables: Mapping[str, str], seconds: float) -> int | None:
    """Rows that its widest nest of loops goes through; None where nobody can say, as of a recursion. `tables` maps the
    aliases of the query, in lower case, to tables."""
    handle = connection.handle
    trace = cast(Any, handle.exec_trace)
    handle.exec_trace = None  # it lets no EXPLAIN through
    try:
        with connection.deadline(seconds):
            lines = normal_rows(handle.execute(f"EXPLAIN QUERY PLAN {sql}"))
            below: dict[int, list[Node]] = {}
            for place, above, _, told in lines:
                below.setdefault(int(str(above)), []).append((int(str(place)), str(told)))
            if any(told.startswith("RECURSIVE") for nodes in below.values() for _, told in nodes):
                return None
            return _widest(0, below, lambda loop: _rows(handle, loop, tables))
    except (apsw.Error, RecursionError):
        return None
    finally:
        handle.exec_trace = trace


def _widest(place: int, below: Mapping[int, list[Node]], rows: Callable[[re.Match[str]], int]) -> int:
    """Loops side by side in a plan are inside each other; what depends on them runs for each of their rows."""
    made, inside, apart = dict[str, int](), list[int](), [1]
    again = 1
    for child, told in below.get(place, ()):
        if loop := _LOOP.match(told):
            inside.append(made.get(loop["quoted"] or loop["name"]) or rows(loop))
        width = _widest(child, below, rows) if child in below else 1
        apart.append(width)
        if told.startswith("CORRELATED"):
            again *= width
        elif told.startswith(("CO-ROUTINE ", "MATERIALIZE ")):
            made[told.partition(" ")[2]] = width
    return max(prod(inside) * again, *apart)


def _rows(handle: apsw.Connection, loop: re.Match[str], tables: Mapping[str, str]) -> int:
    """Rows that one round of a loop goes through."""
    alias = (loop["quoted"] or loop["name"]).lower()
    if loop[1] == "SEARCH":
        if "PRIMARY KEY (rowid=?)" in loop["how"] or "sqlite_autoindex_" in loop["how"]:
            return 1
        index = _INDEX.search(loop["how"])
        known = _statistics(handle, "idx", index[1]) if index else []
        equal = index[2].count("=?") if index else 0
        return known[equal] if 0 < equal < len(known) else GUESS
    table = tables.get(alias, alias)
    if known := _statistics(handle, "tbl", table):
        return known[0]
    try:
        counted = normal_rows(handle.execute(f"SELECT count(*) FROM {strict_name(table)}"))
    except apsw.SQLError:  # a table function, or rows of the query itself
        return 1
    return int(str(counted[0][0]))


def _statistics(handle: apsw.Connection, column: str, name: str) -> list[int]:
    with suppress(apsw.SQLError, ValueError):  # nobody ran ANALYZE
        asked = f"SELECT stat FROM sqlite_stat1 WHERE {column} = ? COLLATE NOCASE"
        for (stat,) in normal_rows(handle.execute(asked, (name,))):
            return [int(part) for part in str(stat).split() if part.isdigit()]
    return []
