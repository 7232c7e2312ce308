"""Whether the rows of a twin fix the gold's answer there: its order, and which rows a LIMIT lets through."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from envs import gate, ordering
from envs.values import Row


@dataclass(frozen=True, slots=True)
class Probe:
    """A query with an ORDER BY or a LIMIT, run without its LIMIT and with its sort keys shown.

    `keys` are the places of the keys in a row of `sql`'s answer, None where the order is free. The first `shown`
    columns are the query's own. OFFSET and LIMIT let rows `start` to `end` through; `outer` is the gold itself.
    """

    sql: str
    keys: tuple[int, ...] | None
    shown: int
    start: int
    end: int | None
    outer: bool


def probes(gold_sql: str, dialect: str, names: Sequence[str]) -> list[Probe]:
    """One for each ORDER BY or LIMIT of the gold; `names` are the columns of its answer."""
    parsed = gate.parse(gold_sql, dialect)
    if isinstance(parsed, str):
        return []
    found: list[Probe] = []
    for query in parsed.find_all(exp.Query):
        limited = query.args.get("limit") is not None
        if not (limited or (query is parsed and query.args.get("order") is not None)):
            continue
        inner = tuple(names) if query is parsed else tuple(e.alias_or_name for e in query.selects)
        found.append(_probe(query, dialect, inner, query is parsed))
    return found


def cuts(probe: Probe, rows: Sequence[Row]) -> bool:
    """Whether a LIMIT or OFFSET cuts between rows that tie."""
    keyed = [row if probe.keys is None else _key(probe, row) for row in rows]
    free = probe.keys is None and len(set(rows)) > 1
    for at in (probe.start, probe.end):
        if at is not None and 0 < at < len(rows) and (free or keyed[at - 1] == keyed[at]):
            return True
    return False


def ties(probe: Probe, rows: Sequence[Row]) -> bool:
    """Whether two different rows of the answer tie."""
    if probe.keys is None:
        return False
    kept = rows[probe.start : probe.end]
    return any(
        _key(probe, one) == _key(probe, other) and one[: probe.shown] != other[: probe.shown]
        for one, other in pairwise(kept)
    )


def _key(probe: Probe, row: Row) -> Row:
    return tuple(row[i] for i in probe.keys or ())


def _probe(query: exp.Expr, dialect: str, names: Sequence[str], outer: bool) -> Probe:
    start, length = _number(query, "offset") or 0, _number(query, "limit")
    whole = query.copy()
    whole.set("limit", None)
    whole.set("offset", None)
    sql = whole.sql(dialect=dialect)
    keys = ordering.keys(sql, dialect, names)
    end = None if length is None else start + length
    if keys is None:
        return Probe(sql, None, len(names), start, end, outer)
    places = (*keys.columns, *range(len(names), len(names) + keys.hidden))
    return Probe(keys.sql or sql, places, len(names), start, end, outer)


def _number(query: exp.Expr, part: str) -> int | None:
    clause = query.args.get(part)
    number = clause.expression if clause is not None else None
    return int(number.name) if isinstance(number, exp.Literal) and number.is_int else None
