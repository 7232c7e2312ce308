"""What happens inside an executor: open databases, run the gold once, run each candidate beside it, compare there."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from time import monotonic
from typing import Any

from envs import compare, lenient, spider
from envs.engines import SETUP_SECONDS, Connection, NoDatabase, Result, load
from envs.example import Database
from envs.execution import Execution, Limits, Status, Value
from envs.gate import gate, parse, plain
from envs.sandbox.ruler import (
    GOLD_ROWS,
    LEAST_SECONDS,
    LONGEST,
    OWN_SECONDS,
    PATIENCE,
    Ruler,
    make_ruler,
    runnable,
    write,
)
from envs.sandbox.rulers import ruler_in, ruler_out
from envs.sandbox.wire import Message, execution_out, sample, verdict_out
from envs.values import Row
from envs.verdict import Verdict

OPEN_DATABASES = {"sqlite": 64, "duckdb": 1}
"""How many stay open at once; DuckDB's share one instance, and must not see each other."""
RULERS = 1024
FEW_ROWS = 50
"""Answers of no more rows are compared once for all candidates that give them."""
GOLD = -1
"""The step of a job in which the database is opened and the gold runs; candidates are steps 0, 1, 2 ..."""
Announce = Callable[[int, float], None]
Event = list[object]


class Judging:
    """The state of one executor: its open databases and the rulers made so far, least recently used first."""

    def __init__(self) -> None:
        self._open: dict[str, OrderedDict[tuple[Database, str], Connection]] = {}
        self._rulers: OrderedDict[tuple[Database, str, str, str, Limits], Ruler] = OrderedDict()

    def schema(self, database: Database, stamp: str, announce: Announce) -> str:
        """Raises `NoDatabase`."""
        announce(GOLD, 2 * SETUP_SECONDS)
        return self._connection(database, stamp).schema()

    def twins(self, job: Message, database: Database, announce: Announce) -> list[list[object]]:
        """The script of each twin of the job's gold, and whether its rows fix the order too. Raises `NoDatabase`."""
        from envs.twins import choose
        from envs.twins.profile import profile

        announce(GOLD, 2 * SETUP_SECONDS)
        seen = profile(self._connection(database, job["stamp"]))
        if OPEN_DATABASES[database.engine] == 1:
            self._open[database.engine].popitem()[1].close()
        limits = Limits(seconds=job["seconds"], rows=job["rows"], steps=job["steps"])

        def run(script: str, sqls: Sequence[str]) -> list[Result]:
            announce(GOLD, SETUP_SECONDS + limits.seconds * len(sqls))
            try:
                connection = load(database.engine).open_database(Database(database.engine, script=script))
            except NoDatabase as error:
                return [Result(Status.NO_DATABASE, message=str(error)) for _ in sqls]
            try:
                return [connection.execute(sql, limits.seconds, limits.rows, limits.steps) for sql in sqls]
            finally:
                connection.close()
                announce(GOLD, 2 * SETUP_SECONDS)

        return [[twin.script, twin.ordered] for twin in choose(seen, job["gold"], job["dialect"], database.engine, run)]

    def judge(self, job: Message, database: Database, announce: Announce) -> Iterator[Event]:
        """Events of one job: the ruler, then one for each candidate. `announce(step, seconds)` starts a clock."""
        limits = Limits(seconds=job["seconds"], rows=job["rows"], steps=job["steps"])
        allowance = min(PATIENCE * limits.seconds, max(LONGEST, limits.seconds))
        announce(GOLD, 2 * SETUP_SECONDS)
        parse("SELECT 1", job["dialect"])  # a dialect that nobody knows is a fault of the lab, and no gold's
        try:
            connection = self._connection(database, job["stamp"])
        except NoDatabase as error:
            ruler = Ruler(limits, ungradable=str(error))
            yield ["ruler", ruler.ungradable, False, None]
            for i, _ in job["sqls"]:
                yield _event(i, "", Execution(Status.NO_DATABASE, message=str(error)), ruler.verdict(None, ""))
            return
        made = None
        if job["ungradable"]:
            ruler = Ruler(limits, ungradable=job["ungradable"])
        else:
            ruler, made = self._ruler(job, database, connection, limits, allowance, partial(announce, GOLD))
        yield ["ruler", ruler.ungradable, ruler.writes, made]
        bench = _Bench(database, connection, ruler, job["gold"], job["dialect"])
        for i, sql in job["sqls"]:
            try:
                yield bench.candidate(i, sql, announce)
            except Exception as error:  # a fault of ours that some text brings out: unscored, and no end of a training
                message = f"the judge failed: {error!r}"[:300]
                yield _event(i, "", Execution(Status.CRASH, message=message), ruler.verdict(None, message))

    def _connection(self, database: Database, stamp: str) -> Connection:
        opened = self._open.setdefault(database.engine, OrderedDict())
        key = database, stamp
        connection = opened.pop(key, None)
        if connection is None:
            while len(opened) >= OPEN_DATABASES[database.engine]:
                opened.popitem(last=False)[1].close()
            connection = load(database.engine).open_database(database)
        opened[key] = connection
        return connection

    def _ruler(
        self,
        job: Message,
        database: Database,
        connection: Connection,
        limits: Limits,
        allowance: float,
        announce: Callable[[float], None],
    ) -> tuple[Ruler, Any]:
        """The ruler, and what the parent should keep of it on disk, if it is new."""
        gold, dialect = job["gold"], job["dialect"]
        key = (database, job["stamp"], gold, dialect, limits)
        ruler, made = self._rulers.pop(key, None), None
        if ruler is None and job["ruler"] is not None:
            ruler = ruler_in(job["ruler"])
        if ruler is None:
            try:
                ruler = make_ruler(database, connection, gold, dialect, limits, allowance, announce)
                made = ruler_out(ruler)
            except Exception as error:  # a fault of ours that this gold brings out: nobody is measured with it
                ruler = Ruler(limits, ungradable=f"the judge failed on the gold: {error!r}"[:300])
            if len(self._rulers) >= RULERS:
                self._rulers.popitem(last=False)
        self._rulers[key] = ruler
        return ruler, made


class _Bench:
    """One gold's candidates side by side. Most are right or fail at once, so that is where time is saved."""

    def __init__(self, database: Database, connection: Connection, ruler: Ruler, gold: str, dialect: str) -> None:
        self._connection, self._ruler = connection, ruler
        self._database, self._gold, self._dialect = database, gold, dialect
        self._native = dialect == database.engine
        self._measured = () if ruler.result is None else ruler.result.rows
        self._ordered = spider.order_matters(spider.as_evaluated(gold, prediction=False))
        self._outcomes: dict[object, int] = {}
        self._agreed: Verdict | None = None
        if ruler.result is not None and ruler.official is ruler.result and not ruler.ungradable:
            self._agreed = Verdict(True, None, bool(ruler.vacuous), "", ruler.vacuous, True, True, True, overlap=1.0)
        self._set: set[Row] | None = None
        self._values: set[Value] | None = None
        self._cells: Counter[object] | None = None

    def candidate(self, i: int, sql: str, announce: Announce) -> Event:
        """Why the gate refuses it, "" when it does not; what became of it; and what it is worth.

        Or its seconds and the place of an earlier candidate, where all of this is the same.
        """
        ruler = self._ruler
        if ruler.writes:
            return _event(i, *self._write(sql, partial(announce, i)))
        started = monotonic()
        reason, result = self._run(i, sql, ruler.limits.seconds, announce)
        rewritten = spider.as_evaluated(sql, prediction=True)
        key = self._outcome(result) if result is not None and rewritten == sql else None
        if result is not None and key is not None:
            if key in self._outcomes:
                return [i, result.seconds, self._outcomes[key]]
            self._outcomes[key] = i
            if key == "equal" and self._agreed:
                return _event(i, "", _execution(result), self._agreed)
        official = result if rewritten == sql else self._official(i, rewritten, result, started, announce)
        announce(i, OWN_SECONDS)
        if result is None:
            execution = Execution(Status.REJECTED if sql.strip() else Status.NO_SQL, message=reason)
        else:
            execution = _execution(result)
        return _event(i, reason, execution, self._verdict(sql, reason, execution, result, official))

    def _outcome(self, result: Result) -> object:
        """A key that says all that a verdict depends on; None where a look at the answer would cost too much."""
        if result.status is not Status.OK or not result.tables:
            return None
        gold = self._ruler.result
        same = gold is not None and result.columns == gold.columns and result.rows == gold.rows
        if same and (result.columns == 1 or self._same_types(result)):
            return "equal"
        if len(result.rows) > FEW_ROWS:
            return None
        return result.columns, tuple(result.rows), tuple(map(type, chain.from_iterable(result.rows)))

    def _run(self, i: int, sql: str, seconds: float, announce: Announce) -> tuple[str, Result | None]:
        """Where the engine itself runs plain text of its own dialect, nobody else need parse it."""
        until = monotonic() + seconds
        announce(i, seconds)
        trusted = self._native and plain(sql)
        if not trusted and (reason := gate(sql, self._dialect, self._gold)):
            return reason, None
        limits = self._ruler.limits
        text = runnable(sql, self._database.engine)
        left = seconds if trusted else max(until - monotonic(), LEAST_SECONDS)
        result = self._connection.execute(text, left, limits.rows, limits.steps)
        if trusted and result.status in _UNSURE and (reason := gate(sql, self._dialect, self._gold)):
            return reason, None
        return "", result

    def _official(self, i: int, sql: str, result: Result | None, started: float, announce: Announce) -> Result | None:
        """What the Spider evaluator would see: it runs another text. Not tried where the first went too far already."""
        if result is not None and result.status in _TOO_FAR:
            return result
        left = self._ruler.limits.seconds - (monotonic() - started)
        return self._run(i, sql, max(left, LEAST_SECONDS), announce)[1]

    def _same_types(self, result: Result) -> bool:
        """Whether no integer stands where the gold has an equal float: the official evaluator may tell them apart."""
        types = set(map(type, chain.from_iterable(result.rows)))
        return not (float in types and int in types) and types == set(map(type, chain.from_iterable(self._measured)))

    def _verdict(
        self, sql: str, reason: str, execution: Execution, result: Result | None, official: Result | None
    ) -> Verdict:
        ruler = self._ruler
        gold = ruler.result
        if gold is None:
            return ruler.verdict(False, reason)
        same = self._spider(official, result)
        if result is None or result.status is not Status.OK:
            verdict = ruler.verdict(False, reason or f"does not run: {execution.status}")
            return replace(verdict, spider=same) if same else verdict
        as_sets = self._gold_set() == set(result.rows)
        if ruler.ungradable:
            return Verdict(None, ungradable=ruler.ungradable, spider=same, bird=as_sets)
        if reason := compare.difference(gold, result, ruler.blocks):
            return self._wrong(sql, gold, result, reason, same, as_sets)
        vacuous = ruler.vacuous
        verdict = Verdict(True, None, bool(vacuous), "", vacuous, same, as_sets, lenient=True, overlap=1.0)
        return compare.hard_coded(verdict, sql, self._gold, self._dialect, result.tables, gold.tables, len(gold.rows))

    def _wrong(self, sql: str, gold: Result, result: Result, reason: str, same: bool, as_sets: bool) -> Verdict:
        constant = compare.reads_nothing(sql, self._gold, self._dialect, result.tables, gold.tables)
        overlap = 0.0 if constant else compare.overlap(gold.rows, result.rows, self._gold_cells())
        kind = gold.columns == result.columns and len(gold.rows) == len(result.rows)
        if kind and (overlap == 1.0 or not lenient.hopeless(gold, result, self._gold)):
            kind = lenient.equal(gold, result, self._ruler.blocks, self._gold, self._dialect)
        else:
            kind = False
        return Verdict(False, None, False, "", reason, same, as_sets, kind, constant, overlap)

    def _spider(self, official: Result | None, result: Result | None) -> bool:
        ruled = self._ruler.official
        if ruled is None or official is None or ruled.status is not Status.OK or official.status is not Status.OK:
            return False
        if official is result and ruled is self._ruler.result and self._apart(official):
            return False
        return spider.equal(ruled.rows, official.rows, self._ordered)

    def _apart(self, result: Result) -> bool:
        """A quick look that finds other values than the gold's, which no order of rows or columns makes the same."""
        if len(result.rows) != len(self._measured) or not result.rows:
            return False  # which is quick to see as well
        return not self._gold_values().issuperset(chain.from_iterable(result.rows))

    def _gold_values(self) -> set[Value]:
        if self._values is None:
            self._values = set(chain.from_iterable(self._measured))
        return self._values

    def _gold_set(self) -> set[Row]:
        if self._set is None:
            self._set = set(self._measured)
        return self._set

    def _gold_cells(self) -> Counter[object]:
        if self._cells is None:
            self._cells = compare.cells(self._measured)
        return self._cells

    def _write(self, sql: str, announce: Callable[[float], None]) -> tuple[str, Execution, Verdict]:
        ruler = self._ruler
        announce(ruler.limits.seconds)
        if reason := gate(sql, self._dialect, self._gold):
            status = Status.REJECTED if sql.strip() else Status.NO_SQL
            return reason, Execution(status, message=reason), ruler.verdict(False, reason)
        limits = replace(ruler.limits, rows=GOLD_ROWS * ruler.limits.rows)
        result, _, after = write(self._database, sql, limits, announce)
        execution = _execution(result)
        if after is None or ruler.after is None or ruler.before is None:
            return "", execution, ruler.verdict(False, f"does not run: {execution.status}")
        if ruler.ungradable:
            return "", execution, ruler.verdict(None, "")
        verdict = compare.state(ruler.after, after, ruler.before)
        kind = verdict.state or lenient.state(ruler.after, after)
        return "", execution, replace(verdict, lenient=kind)


_TOO_FAR = {Status.TIMEOUT, Status.MEMORY, Status.TOO_MANY_ROWS, Status.FORBIDDEN, Status.CRASH}
_UNSURE = {Status.SYNTAX, Status.NO_SQL, Status.SEMANTIC, Status.RUNTIME, Status.ENCODING}
"""Endings of plain text in which the parser may name what is wrong better than the engine does."""


def _execution(result: Result) -> Execution:
    return Execution(
        result.status, result.columns, len(result.rows), result.seconds, sample(result.rows), result.message
    )


def _event(i: int, reason: str, execution: Execution, verdict: Verdict) -> Event:
    return [i, reason, execution_out(execution), verdict_out(verdict)]
