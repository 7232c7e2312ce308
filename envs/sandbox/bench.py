"""One gold's candidates side by side: run each, and none twice that must come to the same."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import chain
from time import monotonic

from envs import compare, lenient, spider
from envs.engines import Connection, Result
from envs.example import Database
from envs.execution import Execution, Status
from envs.fingerprint import fingerprint
from envs.gate import gate, plain
from envs.sandbox.also_said import also_said
from envs.sandbox.beside_gold import BesideGold
from envs.sandbox.ruler import GOLD_ROWS, LEAST_SECONDS, OWN_SECONDS, Ruler, runnable, write
from envs.sandbox.wire import execution_out, sample, verdict_out
from envs.verdict import Verdict

FEW_ROWS = 50
"""Answers of no more rows are compared once for all candidates that give them."""
Announce = Callable[[int, float], None]
"""Starts a clock: the step that begins, and the seconds that it may take."""
Event = list[object]


class Bench:
    """One gold's candidates side by side. Most are right or fail at once, so that is where time is saved."""

    def __init__(self, database: Database, connection: Connection, ruler: Ruler, gold: str, dialect: str) -> None:
        self.fingerprints = False
        self._connection, self._ruler = connection, ruler
        self._database, self._gold, self._dialect = database, gold, dialect
        self._native = dialect == database.engine
        self._beside = BesideGold(ruler, gold, dialect)
        self._outcomes: dict[object, int] = {}
        self._agreed: Verdict | None = None
        if ruler.result is not None and ruler.official is ruler.result and not ruler.ungradable:
            self._agreed = Verdict(True, None, bool(ruler.vacuous), "", ruler.vacuous, True, True, True, overlap=1.0)

    def candidate(self, i: int, sql: str, announce: Announce) -> Event:
        """Why the gate refuses it, "" when it does not; what became of it; and what it is worth.

        Or its seconds and the place of an earlier candidate, where all of this is the same.
        """
        ruler = self._ruler
        if ruler.writes:
            reason, execution, verdict = self._write(sql, partial(announce, i))
            return event(i, reason, execution, self._also(verdict, sql, None, partial(announce, i)))
        started = monotonic()
        reason, result = self._run(i, sql, ruler.limits.seconds, announce)
        rewritten = spider.as_evaluated(sql, prediction=True)
        key = self._outcome(result) if result is not None and rewritten == sql else None
        if result is not None and key is not None:
            if key in self._outcomes:
                return [i, int(result.seconds * 1e6), self._outcomes[key]]
            self._outcomes[key] = i
            if key == "equal" and self._agreed:
                verdict = self._also(self._agreed, sql, result, partial(announce, i))
                return event(i, "", self._execution(result), verdict)
        official = result if rewritten == sql else self._official(i, rewritten, result, started, announce)
        announce(i, OWN_SECONDS)
        if result is None:
            execution = Execution(Status.REJECTED if sql.strip() else Status.NO_SQL, message=reason)
        else:
            execution = self._execution(result)
        verdict = self._beside.verdict(sql, reason, execution, result, official)
        return event(i, reason, execution, self._also(verdict, sql, result, partial(announce, i)))

    def _also(self, verdict: Verdict, sql: str, result: Result | None, announce: Callable[[float], None]) -> Verdict:
        if not self.fingerprints:
            return verdict
        return also_said(verdict, self._database, self._gold, sql, self._ruler, result, announce)

    def _execution(self, result: Result) -> Execution:
        named = self.fingerprints and result.status is Status.OK
        return _execution(result, fingerprint(result.columns, result.rows) if named else "")

    def _outcome(self, result: Result) -> object:
        """A key that says all that a verdict depends on; None where a look at the answer would cost too much."""
        if result.status is not Status.OK or not result.tables:
            return None
        gold = self._ruler.result
        same = gold is not None and result.columns == gold.columns and result.rows == gold.rows
        if same and (result.columns == 1 or self._beside.same_types(result)):
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


def _execution(result: Result, named: str = "") -> Execution:
    rows = result.rows
    return Execution(result.status, result.columns, len(rows), result.seconds, sample(rows), result.message, named)


def event(i: int, reason: str, execution: Execution, verdict: Verdict) -> Event:
    return [i, reason, execution_out(execution), verdict_out(verdict)]
