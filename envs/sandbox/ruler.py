"""What a gold measures candidates with: its answer, or the state it leaves, made once for each gold of a database."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from envs import lexical, ordering
from envs.engines import SETUP_SECONDS, Connection, NoDatabase, Result, State, load
from envs.example import Database
from envs.execution import Limits, Status
from envs.gate import QUERY, gate, kind
from envs.verdict import Verdict

PATIENCE = 5
"""The gold may take this many times the limit, and its candidates this many times what the gold took ..."""
LONGEST = 30.0
"""... up to this many seconds."""
GOLD_ROWS = 10
"""The gold may have this many times the limit of rows."""
OWN_SECONDS = 5.0
"""What parsing or comparing may take, which is our work and not the statement's."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What a gold measures candidates with. `limits` are those of its candidates."""

    limits: Limits
    ungradable: str = ""
    writes: bool = False
    result: Result | None = None
    blocks: tuple[int, ...] | None = None
    after: State | None = None
    before: State | None = None

    def verdict(self, right: bool | None, reason: str) -> Verdict:
        """A verdict of this ruler that needs no comparison; None is unscored."""
        if self.ungradable:
            return Verdict(None, ungradable=self.ungradable, reason=reason)
        return Verdict(None, state=right, reason=reason) if self.writes else Verdict(right, reason=reason)


def make_ruler(
    database: Database,
    connection: Connection,
    gold: str,
    dialect: str,
    limits: Limits,
    allowance: float,
    announce: Callable[[float], None],
) -> Ruler:
    """Run the gold. `allowance` is what it may take, in seconds; `announce` starts the clock of what comes next."""
    if reason := gate(gold, dialect, gold):
        return Ruler(limits, ungradable=f"the gate refuses the gold: {reason}")
    most = GOLD_ROWS * limits.rows
    if kind(gold, dialect) != QUERY:
        announce(allowance + 3 * SETUP_SECONDS)
        result, before, after = write(database, gold, allowance, most)
        ruler = Ruler(_candidate_limits(limits, result), writes=True, result=result, before=before, after=after)
    else:
        gold = runnable(gold, database)
        announce(allowance)
        result = connection.execute(gold, allowance, most)
        ruler = Ruler(_candidate_limits(limits, result), result=result)
        if result.status is Status.OK:
            announce(allowance + OWN_SECONDS)
            ruler = replace(ruler, blocks=_blocks(connection, gold, dialect, result, allowance))
    if result.status is Status.TIMEOUT:
        return replace(ruler, ungradable=f"the gold does not finish in {allowance:g} seconds")
    if result.status is not Status.OK:
        return replace(ruler, ungradable=f"the gold does not run ({result.status}): {result.message}")
    return ruler


def _candidate_limits(limits: Limits, gold: Result) -> Limits:
    seconds = max(limits.seconds, min(PATIENCE * gold.seconds, LONGEST))
    return Limits(seconds, max(limits.rows, 2 * len(gold.rows)), limits.memory)


def _blocks(
    connection: Connection, gold: str, dialect: str, result: Result, allowance: float
) -> tuple[int, ...] | None:
    keys = ordering.keys(gold, dialect, result.names)
    if keys is None:
        return None
    keyed = [tuple(row[i] for i in keys.columns) for row in result.rows]
    if keys.hidden:
        wider = connection.execute(keys.sql, allowance, len(result.rows))
        if [row[: result.columns] for row in wider.rows] != list(result.rows):
            return (1,) * len(result.rows)  # the keys could not be shown: the order stands as it is
        keyed = [key + row[result.columns :] for key, row in zip(keyed, wider.rows, strict=True)]
    return tuple(ordering.blocks(result.rows, keyed))


def write(database: Database, sql: str, seconds: float, rows: int) -> tuple[Result, State | None, State | None]:
    """Run a statement that writes on a database of its own: its result, and the state before and after."""
    try:
        connection = load(database.engine).open_database(database, writable=True)
    except NoDatabase as error:
        return Result(Status.NO_DATABASE, message=str(error)), None, None
    try:
        before = connection.state(rows)
        result = connection.execute(sql, seconds, rows)
        return result, before, connection.state(rows) if result.status is Status.OK else None
    except OverflowError as error:
        return Result(Status.TOO_MANY_ROWS, message=str(error)), None, None
    finally:
        connection.close()


def runnable(sql: str, database: Database) -> str:
    """The text to execute: SQLite refuses the brackets that DuckDB allows around a whole query."""
    return lexical.unwrapped(lexical.trimmed(sql)) if database.engine == "sqlite" else sql
