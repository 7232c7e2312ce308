"""What two other evaluators say of an answer beside the verdict, where an evaluation asks for it."""

from collections.abc import Callable
from dataclasses import replace

from envs.engines import SETUP_SECONDS, NoDatabase, Result, load
from envs.example import Database
from envs.execution import Limits, Status
from envs.gate import plain
from envs.sandbox.ruler import DOES_NOT_RUN, GOLD_ROWS, OWN_SECONDS, REFUSED, Ruler
from envs.soft_f1 import soft_f1
from envs.verdict import Verdict

COUNTED = ("Count",)
"""What DuckDB names the number of rows that it wrote, which is no row of an answer and which SQLite does not give."""
Announce = Callable[[float], None]


def also_said(
    verdict: Verdict, database: Database, gold: str, sql: str, ruler: Ruler, result: Result | None, announce: Announce
) -> Verdict:
    """`verdict` with `soft_f1` and `as_lists`. `result` is the answer's, None where the gate refused it."""
    golden = ruler.result
    if ruler.writes:
        known = golden is not None and golden.status is Status.OK
        return replace(verdict, as_lists=known and as_lists(database, gold, sql, ruler.limits, announce))
    if golden is None and ruler.ungradable.startswith(REFUSED):
        return replace(verdict, as_lists=as_lists(database, gold, sql, ruler.limits, announce))
    if golden is None:
        return replace(verdict, as_lists=False if ruler.ungradable.startswith(DOES_NOT_RUN) else None)
    if result is not None and result.status is Status.OK:
        announce(OWN_SECONDS)
        same = list(golden.rows) == list(result.rows)
        return replace(verdict, soft_f1=1.0 if same else soft_f1(golden.rows, result.rows), as_lists=same)
    if result is None and not golden.rows:
        return replace(verdict, soft_f1=0.0, as_lists=as_lists(database, gold, sql, ruler.limits, announce))
    return replace(verdict, soft_f1=0.0, as_lists=False)


def as_lists(database: Database, gold: str, sql: str, limits: Limits, announce: Announce) -> bool | None:
    """Whether gold and then answer, on one connection to a database of their own, both run and return the same list of
    rows; None where there is no such database. An answer without a statement runs and returns no row, as in Python's
    sqlite3."""
    announce(SETUP_SECONDS)
    try:
        own = load(database.engine).open_database(database, writable=True)
    except NoDatabase:
        return None
    try:
        found: list[object] = []
        for text in (gold, sql):
            announce(limits.seconds)
            if text.strip():
                result = own.execute(text, limits.seconds, GOLD_ROWS * limits.rows, limits.steps)
                if result.status is not Status.OK:
                    return False
                found.append([] if result.names == COUNTED and not plain(text) else list(result.rows))
            else:
                found.append([])
        return found[0] == found[1]
    finally:
        own.close()
        announce(OWN_SECONDS)
