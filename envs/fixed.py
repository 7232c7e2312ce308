"""Does a gold fix its own answer? One that picks among rows that tie, or throws dice, can measure nobody.

Three looks: at the text (`envs.doubts`), at what a LIMIT cuts off, and at where a NULL sorts.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from envs import gate, ordering
from envs.doubts import doubts
from envs.engines import Result
from envs.example import Engine
from envs.execution import Status
from envs.values import Row

if TYPE_CHECKING:
    from sqlglot import exp

SEEN = 5_000
"""Rows beyond the cut that are looked at."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A query that shows more than the gold's LIMIT lets through, and what to make of its rows.

    Its first `width` columns are the gold's; `keys` are the columns to sort by (none: no ORDER BY), `movable` those of
    them where engines put NULL at different ends because the gold does not say at which.
    """

    sql: str
    width: int
    limit: int
    offset: int
    keys: tuple[int, ...]
    movable: tuple[int, ...]


def reason(gold_sql: str, dialect: str, engine: Engine, gold: Result, run: Callable[[str], Result]) -> str:
    """Why the gold, a query that gave `gold`, does not fix its own answer; "" when it does. `run` runs a probe."""
    if found := doubts(gold_sql, dialect, engine).ungradable:
        return found
    probe = probed(gold_sql, dialect, gold.names)
    if probe is None or (not probe.offset and len(gold.rows) < probe.limit):
        return ""
    shown = run(probe.sql)
    if shown.status is not Status.OK or not {row[: probe.width] for row in shown.rows}.issuperset(gold.rows):
        return ""  # the parser did not write back what it read, or the keys cannot be shown
    return cut_tie(probe, shown.rows)


def probed(gold_sql: str, dialect: str, names: Sequence[str]) -> Probe | None:
    """The probe of a gold with an outermost LIMIT; None without one. `names` are the answer's column names."""
    from sqlglot import exp

    root = gate.parse(gold_sql, dialect)
    if isinstance(root, str):
        return None
    while isinstance(root, exp.Subquery) and not root.args.get("order") and not root.args.get("limit"):
        root = root.this
    limit, offset = _count(root.args.get("limit")), _count(root.args.get("offset"))
    if limit is None or not isinstance(root, exp.Query):
        return None
    if offset is None and root.args.get("offset"):
        return None
    free = root.copy()
    free.set("offset", None)
    free.set("limit", exp.Limit(expression=exp.Literal.number(limit + (offset or 0) + SEEN)))
    text = free.sql(dialect=dialect)
    found = ordering.keys(text, dialect, names)
    if found is None:
        return Probe(text, len(names), limit, offset or 0, (), ())
    by = _one_by_one(free, dialect, names)
    said = re.search(r"\bNULLS\s+(FIRST|LAST)\b", gold_sql, re.IGNORECASE)
    rising = [not ordered.args.get("desc") for ordered in free.args["order"].expressions]
    movable = () if said or by is None else tuple(key for key, up in zip(by, rising, strict=True) if up)
    return Probe(found.sql or text, len(names), limit, offset or 0, by or found.columns, movable)


def cut_tie(probe: Probe, rows: Sequence[Row]) -> str:
    """Why the cut through the probe's `rows`, as they came, does not fix what is shown; "" when it does."""
    end = probe.offset + probe.limit
    shown = [row[: probe.width] for row in rows]
    if not shown[probe.offset : end]:
        return ""
    start = 0
    for size in ordering.blocks(rows, [tuple(row[i] for i in probe.keys) for row in rows]):
        inside = min(start + size, end) - max(start, probe.offset)
        if 0 < inside < size and len(set(shown[start : start + size])) > 1:
            if not probe.keys:
                return f"LIMIT {probe.limit} without ORDER BY picks among {size} rows"
            return f"LIMIT {probe.limit} cuts through {size} rows that tie on its sort keys"
        start += size
    moved = _moved(range(len(rows)), rows, probe.keys, probe.movable)
    if Counter(shown[probe.offset : end]) != Counter(shown[i] for i in moved[probe.offset : end]):
        return f"a NULL sort key decides what LIMIT {probe.limit} shows, and engines disagree where NULL sorts"
    return ""


def _moved(indices: Sequence[int], rows: Sequence[Row], keys: Sequence[int], movable: Sequence[int]) -> list[int]:
    """The order of the rows if NULL sorted at the other end in the `movable` keys."""
    if not keys:
        return list(indices)
    key = keys[0]
    runs = [list(run) for _, run in groupby(indices, key=lambda i: rows[i][key])]
    if key in movable:
        nulls = [run for run in runs if rows[run[0]][key] is None]
        others = [run for run in runs if rows[run[0]][key] is not None]
        runs = others + nulls if nulls and runs[0] is nulls[0] else nulls + others
    return [i for run in runs for i in _moved(run, rows, keys[1:], movable)]


def _one_by_one(root: "exp.Expr", dialect: str, names: Sequence[str]) -> tuple[int, ...] | None:
    """The column of the probe that shows each sort key, in their order; None when one cannot be shown."""
    from sqlglot import exp

    found: list[int] = []
    hidden = len(names)
    for ordered in root.args["order"].expressions:
        alone = root.copy()
        alone.set("order", exp.Order(expressions=[ordered.copy()]))
        keys = ordering.keys(alone.sql(dialect=dialect), dialect, names)
        if keys is not None and keys.hidden:
            found.append(hidden)
            hidden += 1
        elif keys is not None and len(keys.columns) == 1 and (len(names) > 1 or _shows(root, ordered.this, names[0])):
            found.append(keys.columns[0])
        else:
            return None
    return tuple(found)


def _shows(root: "exp.Expr", key: "exp.Expr", name: str) -> bool:
    """Whether the only column is surely this key: behind DISTINCT and UNION every key is said to be."""
    from sqlglot import exp

    plain = isinstance(root, exp.Select) and not root.args.get("distinct")
    return plain or key.name.lower() == name.lower() or isinstance(key, exp.Literal)


def _count(clause: "exp.Expr | None") -> int | None:
    """The number in LIMIT, FETCH or OFFSET; None where it is not written as a plain number of rows."""
    from sqlglot import exp

    if clause is None:
        return None
    options = clause.args.get("limit_options")
    if options and (options.args.get("percent") or options.args.get("with_ties")):
        return None
    number = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.args.get("expression")
    return int(number.name) if isinstance(number, exp.Literal) and number.is_int else None
