"""What happens inside an executor: open databases, run the gold once, run each candidate beside it, compare there."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from envs.engines import SETUP_SECONDS, Connection, NoDatabase, Result, load
from envs.example import Database
from envs.execution import Execution, Limits, Status
from envs.gate import parse
from envs.sandbox.bench import Announce, Bench, Event, event
from envs.sandbox.ruler import LONGEST, PATIENCE, Ruler, make_ruler
from envs.sandbox.rulers import ruler_in, ruler_out
from envs.sandbox.showing import show
from envs.sandbox.stopwatch import in_turns
from envs.sandbox.wire import Message

OPEN_DATABASES = {"sqlite": 64, "duckdb": 1}
"""How many stay open at once; DuckDB's share one instance, and must not see each other."""
RULERS = 1024
GOLD = -1
"""The step of a job in which the database is opened and the gold runs; candidates are steps 0, 1, 2 ..."""


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

    def times(self, job: Message, database: Database, announce: Announce) -> list[list[float]]:
        """Seconds of the answer's and the gold's runs, in turns; see `envs.sandbox.stopwatch`. Raises `NoDatabase`."""
        announce(GOLD, 2 * SETUP_SECONDS)
        connection = self._connection(database, job["stamp"])
        limits = Limits(seconds=job["seconds"], rows=job["rows"], steps=job["steps"])
        return in_turns(
            connection, database, (job["answer"], job["gold"]), job["repeats"], limits, partial(announce, GOLD)
        )

    def show(self, job: Message, database: Database, announce: Announce) -> Message:
        """`Shown.out` of one statement. Raises `NoDatabase`."""
        announce(GOLD, 2 * SETUP_SECONDS)
        connection = self._connection(database, job["stamp"])
        limits = Limits(seconds=job["seconds"], rows=job["rows"], steps=job["steps"])
        asked = (job["sql"], job["most"], job["writes"], limits)
        return show(database, connection, *asked, partial(announce, GOLD)).out()

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
                yield event(i, "", Execution(Status.NO_DATABASE, message=str(error)), ruler.verdict(None, ""))
            return
        made = None
        if job["ungradable"]:
            ruler = Ruler(limits, ungradable=job["ungradable"])
        else:
            ruler, made = self._ruler(job, database, connection, limits, allowance, partial(announce, GOLD))
        yield ["ruler", ruler.ungradable, ruler.writes, made]
        bench = Bench(database, connection, ruler, job["gold"], job["dialect"])
        bench.fingerprints = job["fingerprints"]
        for i, sql in job["sqls"]:
            try:
                yield bench.candidate(i, sql, announce)
            except Exception as error:  # a fault of ours that some text brings out: unscored, and no end of a training
                message = f"the judge failed: {error!r}"[:300]
                yield event(i, "", Execution(Status.CRASH, message=message), ruler.verdict(None, message))

    def _connection(self, database: Database, stamp: str) -> Connection:
        opened = self._open.setdefault(database.engine, OrderedDict())
        key = database, stamp
        connection = opened.pop(key, None)
        if connection is None:
            engine = load(database.engine)
            while opened and (len(opened) >= OPEN_DATABASES[database.engine] or engine.crowded()):
                opened.popitem(last=False)[1].close()
            connection = engine.open_database(database)
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
        if ruler.lasting:
            self._rulers[key] = ruler
        return ruler, made
