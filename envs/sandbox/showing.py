"""Inside an executor: run one statement for a person who asked, a query on the file, a write on a copy of it."""

from collections.abc import Callable, Sequence

from envs import lexical
from envs.effort import effort
from envs.engines import Connection, Result
from envs.example import Database
from envs.execution import Limits, Status
from envs.fingerprint import fingerprint
from envs.gate import QUERY, gate, kind, plain
from envs.sandbox.changes import changes
from envs.sandbox.ruler import GOLD_ROWS, LEAST_SECONDS, OWN_SECONDS, runnable, write
from envs.sandbox.shown import Shown, first
from envs.values import Row

PLAN_SECONDS = 0.5
"""What planning and counting may take."""
READS = "SELECT 1"
"""What a gold that only reads looks like to the gate."""
_UNSURE = {Status.SYNTAX, Status.NO_SQL, Status.SEMANTIC, Status.RUNTIME, Status.ENCODING}
_UNDERSTOOD = {Status.OK, Status.TOO_MANY_ROWS, Status.TIMEOUT, Status.MEMORY}


def show(
    database: Database,
    connection: Connection,
    sql: str,
    most: int,
    writes: bool,
    limits: Limits,
    announce: Callable[[float], None],
) -> Shown:
    """At most `most` rows of it. What writes is refused, and with `writes` run on a copy that is thrown away."""
    dialect = database.engine
    if writes and kind(sql, dialect) not in ("", QUERY):
        return _written(database, sql, limits, announce)
    announce(limits.seconds)
    reason = "" if plain(sql) else gate(sql, dialect, READS)
    text = runnable(sql, dialect)
    result = Result(Status.REJECTED) if reason else connection.execute(text, limits.seconds, limits.rows, limits.steps)
    if result.status in _UNSURE:
        reason = gate(sql, dialect, READS)
    if reason:
        return Shown(Status.REJECTED if sql.strip() else Status.NO_SQL, message=reason)
    announce(limits.seconds)
    rows = result.rows if result.status is Status.OK else _beginning(connection, text, most, result, limits)
    announce(OWN_SECONDS + PLAN_SECONDS)
    known = result.status in _UNDERSTOOD
    return Shown(
        status=result.status,
        names=result.names,
        rows=first(rows, most),
        count=len(result.rows) if result.status is Status.OK else None,
        seconds=result.seconds,
        message=result.message,
        fingerprint=fingerprint(result.columns, result.rows) if result.status is Status.OK else "",
        effort=effort(connection, dialect, lexical.trimmed(text), PLAN_SECONDS) if known else None,
    )


def _beginning(connection: Connection, sql: str, most: int, result: Result, limits: Limits) -> Sequence[Row]:
    """The first rows of a result that has too many."""
    if result.status is not Status.TOO_MANY_ROWS:
        return []
    left = max(LEAST_SECONDS, limits.seconds - result.seconds)
    cut = f"SELECT * FROM (\n{lexical.trimmed(sql)}\n) LIMIT {min(most, limits.rows)}"
    return connection.execute(cut, left, limits.rows, limits.steps).rows


def _written(database: Database, sql: str, limits: Limits, announce: Callable[[float], None]) -> Shown:
    announce(limits.seconds)
    if reason := gate(sql, database.engine, sql):
        return Shown(Status.REJECTED, message=reason)
    most = Limits(limits.seconds, GOLD_ROWS * limits.rows, limits.memory, limits.steps)
    result, before, after = write(database, sql, most, announce)
    announce(OWN_SECONDS)
    if before is None or after is None:
        return Shown(result.status, seconds=result.seconds, message=result.message)
    return Shown(Status.OK, seconds=result.seconds, changes=tuple(changes(before, after)))
