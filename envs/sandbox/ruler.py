"""What a gold measures candidates with: its answer, or the state it leaves, made once for each gold of a database."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from envs import fixed, lexical, ordering, spider
from envs.engines import SETUP_SECONDS, Connection, NoDatabase, Result, State, load
from envs.example import Database, Engine
from envs.execution import Limits, Status
from envs.gate import QUERY, gate, kind, tables
from envs.verdict import Verdict

PATIENCE = 5
"""The gold may take this many times the seconds, and its candidates this many times what the gold took ..."""
LONGEST = 30.0
"""... up to this many seconds."""
STEPS = 20
"""The gold may take this many times the steps, and its candidates this many times what the gold took."""
GOLD_ROWS = 10
"""The gold may have this many times the limit of rows."""
LEAST_SECONDS = 0.1
"""What is left for a step where the one before it took nearly all of the time."""
OWN_SECONDS = 5.0
"""What parsing or comparing may take, which is our work and not the statement's."""
REFUSED, DOES_NOT_RUN = "the gate refuses the gold", "the gold does not run"
"""How `Ruler.ungradable` begins where the gate or the engine refused the gold, whatever time it had."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What a gold measures candidates with. `limits` are those of its candidates.

    `result` is the gold's answer, kept also where `ungradable` says that it does not fix its own; `official` is its
    answer as the Spider evaluator rewrites it, the same object where it does not; `blocks` are the sizes of its runs of
    tied rows, None where order is free. `vacuous` says why an equality with it proves nothing. What is not `lasting`
    may come out otherwise on another day: the gold ran out of time or memory.
    """

    limits: Limits
    ungradable: str = ""
    writes: bool = False
    result: Result | None = None
    official: Result | None = None
    blocks: tuple[int, ...] | None = None
    vacuous: str = ""
    after: State | None = None
    before: State | None = None
    lasting: bool = True

    def verdict(self, right: bool | None, reason: str) -> Verdict:
        """A verdict of this ruler that needs no comparison; None is unscored."""
        official = None if self.writes or self.result is None else right
        if self.ungradable:
            return Verdict(None, ungradable=self.ungradable, reason=reason, spider=official, bird=official)
        if self.writes:
            return Verdict(None, state=right, reason=reason)
        overlap = None if right is None else float(right)
        return Verdict(right, reason=reason, spider=right, bird=right, lenient=right, overlap=overlap)


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
        return Ruler(limits, ungradable=f"{REFUSED}: {reason}")
    most = GOLD_ROWS * limits.rows
    if kind(gold, dialect) != QUERY:
        result, before, after = write(database, gold, Limits(allowance, most, steps=STEPS * limits.steps), announce)
        ruler = Ruler(_candidate_limits(limits, result), writes=True, result=result, before=before, after=after)
        return replace(ruler, ungradable=_broken(result, allowance))
    run = _runner(connection, database, allowance, most, limits, announce)
    result = run(gold)
    ruler = Ruler(_candidate_limits(limits, result), result=result, official=result)
    if broken := _broken(result, allowance):
        passing = result.status in (Status.TIMEOUT, Status.MEMORY, Status.CRASH)
        return Ruler(limits, ungradable=broken, lasting=not passing)
    rewritten = spider.as_evaluated(gold, prediction=False)
    return replace(
        ruler,
        blocks=_blocks(run, gold, dialect, result),
        official=result if rewritten == gold else run(rewritten),
        vacuous=_proves_nothing(run, gold, dialect, result),
        ungradable=_unfixed(run, gold, dialect, database.engine, result),
    )


def _runner(
    connection: Connection,
    database: Database,
    seconds: float,
    rows: int,
    limits: Limits,
    announce: Callable[[float], None],
) -> Callable[[str], Result]:
    def run(sql: str) -> Result:
        announce(seconds)
        result = connection.execute(runnable(sql, database.engine), seconds, rows, STEPS * limits.steps)
        announce(OWN_SECONDS)
        return result

    return run


def _broken(result: Result, allowance: float) -> str:
    if result.status is Status.TIMEOUT:
        return f"the gold does not finish in {allowance:g} seconds: {result.message}"
    if result.status is not Status.OK:
        return f"{DOES_NOT_RUN} ({result.status}): {result.message}"
    return ""


def _candidate_limits(limits: Limits, gold: Result) -> Limits:
    seconds = max(limits.seconds, min(PATIENCE * gold.seconds, LONGEST))
    steps = max(limits.steps, STEPS * gold.steps)
    return Limits(seconds, max(limits.rows, 2 * len(gold.rows)), limits.memory, steps)


def _blocks(run: Callable[[str], Result], gold: str, dialect: str, result: Result) -> tuple[int, ...] | None:
    keys = ordering.keys(gold, dialect, result.names)
    if keys is None:
        return None
    keyed = [tuple(row[i] for i in keys.columns) for row in result.rows]
    if keys.hidden:
        wider = run(keys.sql)
        if [row[: result.columns] for row in wider.rows] != list(result.rows):
            return (1,) * len(result.rows)  # the keys could not be shown: the order stands as it is
        keyed = [key + row[result.columns :] for key, row in zip(keyed, wider.rows, strict=True)]
    return tuple(ordering.blocks(result.rows, keyed))


def _proves_nothing(run: Callable[[str], Result], gold: str, dialect: str, result: Result) -> str:
    if not result.rows:
        return "both answers are empty"
    if any(value not in (None, 0) for row in result.rows for value in row):
        return ""
    if all(value is None for row in result.rows for value in row):
        return "both answers are nothing but NULL"
    read = tables(gold, dialect)
    if len(result.rows) == 1 and read and not any(run(f"SELECT 1 FROM {table} LIMIT 1").rows for table in read):
        return "every table that the gold reads is empty"
    return ""


def _unfixed(run: Callable[[str], Result], gold: str, dialect: str, engine: Engine, result: Result) -> str:
    """Why the gold's text does not fix its own answer, "" when it does."""
    return fixed.reason(gold, dialect, engine, result, run)


def write(
    database: Database, sql: str, limits: Limits, announce: Callable[[float], None]
) -> tuple[Result, State | None, State | None]:
    """Run a statement that writes on a database of its own: its result, and the state before and after."""
    announce(SETUP_SECONDS)
    try:
        own = load(database.engine).open_database(database, writable=True)
    except NoDatabase as error:
        return Result(Status.NO_DATABASE, message=str(error)), None, None
    try:
        announce(SETUP_SECONDS)
        started = monotonic()
        before = own.state(limits.rows, SETUP_SECONDS)
        took = monotonic() - started
        announce(limits.seconds)
        result = own.execute(sql, limits.seconds, limits.rows, limits.steps)
        if result.status is not Status.OK:
            return result, before, None
        left = max(limits.seconds - result.seconds, LEAST_SECONDS, PATIENCE * took)  # it may have made an endless view
        announce(left)
        return result, before, own.state(limits.rows, left)
    except OverflowError as error:
        return Result(Status.TOO_MANY_ROWS, message=str(error)), None, None
    finally:
        own.close()
        announce(OWN_SECONDS)


def runnable(sql: str, engine: str) -> str:
    """The text to execute: SQLite refuses the brackets that DuckDB allows around a whole query."""
    if engine != "sqlite" or not sql.lstrip().startswith(("(", ";")):
        return sql
    return lexical.unwrapped(lexical.trimmed(sql))
