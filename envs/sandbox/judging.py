"""What happens inside a worker: open databases, run the gold once, run each candidate beside it, compare there."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from envs import compare
from envs.engines import SETUP_SECONDS, Connection, NoDatabase, load
from envs.example import Database
from envs.execution import Execution, Limits, Status
from envs.gate import gate, touches_table
from envs.sandbox.ruler import GOLD_ROWS, LONGEST, OWN_SECONDS, PATIENCE, Ruler, make_ruler, runnable, write
from envs.sandbox.wire import Message, execution_out, sample, verdict_out
from envs.verdict import Verdict

OPEN_DATABASES = 8
RULERS = 256
GOLD = -1
"""The step of a job in which the database is opened and the gold runs; candidates are steps 0, 1, 2 ..."""
Announce = Callable[[int, float], None]


class Judging:
    """The state of one worker: its open databases and the rulers made so far, least recently used first."""

    def __init__(self) -> None:
        self._open: OrderedDict[Database, Connection] = OrderedDict()
        self._rulers: OrderedDict[tuple[Database, str, str, Limits], Ruler] = OrderedDict()

    def schema(self, database: Database, announce: Announce) -> str:
        """Raises `NoDatabase`."""
        announce(GOLD, 2 * SETUP_SECONDS)
        return self._connection(database).schema()

    def judge(self, job: Message, database: Database, announce: Announce) -> Iterator[Message]:
        """Events of one job: the ruler, then one for each candidate. `announce(step, seconds)` starts a clock."""
        limits = Limits(seconds=job["seconds"], rows=job["rows"])
        allowance = min(PATIENCE * limits.seconds, max(LONGEST, limits.seconds))
        announce(GOLD, 2 * SETUP_SECONDS)
        try:
            connection = self._connection(database)
        except NoDatabase as error:
            ruler = Ruler(limits, ungradable=str(error))
            yield {"ungradable": ruler.ungradable, "writes": False}
            for i, _ in job["sqls"]:
                yield _event(i, "", Execution(Status.NO_DATABASE, message=str(error)), ruler.verdict(None, ""))
            return
        gold, dialect = job["gold"], job["dialect"]
        gate("SELECT 1", dialect, "")  # the parser loads now, not on a candidate's time
        if job["ungradable"]:
            ruler = Ruler(limits, ungradable=job["ungradable"])
        else:
            ruler = self._ruler(database, connection, gold, dialect, limits, allowance, announce)
        yield {"ungradable": ruler.ungradable, "writes": ruler.writes}
        for i, sql in job["sqls"]:
            try:
                found = _candidate(sql, gold, dialect, database, connection, ruler, partial(announce, i))
            except Exception as error:  # a fault of ours that some text brings out: unscored, and no end of a training
                message = f"the judge failed: {error!r}"[:300]
                found = "", Execution(Status.CRASH, message=message), ruler.verdict(None, message)
            yield _event(i, *found)

    def _connection(self, database: Database) -> Connection:
        connection = self._open.pop(database, None)
        if connection is None:
            connection = load(database.engine).open_database(database)
            if len(self._open) >= OPEN_DATABASES:
                self._open.popitem(last=False)[1].close()
        self._open[database] = connection
        return connection

    def _ruler(
        self,
        database: Database,
        connection: Connection,
        gold: str,
        dialect: str,
        limits: Limits,
        allowance: float,
        announce: Announce,
    ) -> Ruler:
        key = (database, gold, dialect, limits)
        ruler = self._rulers.pop(key, None)
        if ruler is None:
            try:
                ruler = make_ruler(database, connection, gold, dialect, limits, allowance, partial(announce, GOLD))
            except Exception as error:  # a fault of ours that this gold brings out: nobody is measured with it
                ruler = Ruler(limits, ungradable=f"the judge failed on the gold: {error!r}"[:300])
            if len(self._rulers) >= RULERS:
                self._rulers.popitem(last=False)
        self._rulers[key] = ruler
        return ruler


def _candidate(
    sql: str,
    gold: str,
    dialect: str,
    database: Database,
    connection: Connection,
    ruler: Ruler,
    announce: Callable[[float], None],
) -> tuple[str, Execution, Verdict]:
    announce(OWN_SECONDS)
    if reason := gate(sql, dialect, gold):
        status = Status.REJECTED if sql.strip() else Status.NO_SQL
        return reason, Execution(status, message=reason), ruler.verdict(False, reason)
    after = None
    if ruler.writes:
        announce(ruler.limits.seconds + 3 * SETUP_SECONDS)
        result, _, after = write(database, sql, ruler.limits.seconds, GOLD_ROWS * ruler.limits.rows)
    else:
        announce(ruler.limits.seconds)
        result = connection.execute(runnable(sql, database), ruler.limits.seconds, ruler.limits.rows)
    announce(OWN_SECONDS)
    execution = Execution(
        result.status, result.columns, len(result.rows), result.seconds, sample(result.rows), result.message
    )
    if not execution.ok or ruler.ungradable or ruler.result is None:
        return "", execution, ruler.verdict(False, f"does not run: {execution.status}" if not execution.ok else "")
    if after is not None and ruler.after is not None and ruler.before is not None:
        return "", execution, compare.state(ruler.after, after, ruler.before)
    verdict = compare.strict(ruler.result, result, ruler.blocks)
    if verdict.strict and not touches_table(sql, dialect) and touches_table(gold, dialect):
        verdict = replace(verdict, vacuous=True, reason="a constant answer: it reads no table and the gold does")
    return "", execution, verdict


def _event(i: int, reason: str, execution: Execution, verdict: Verdict) -> Message:
    return {"i": i, "gate": reason, "execution": execution_out(execution), "verdict": verdict_out(verdict)}
