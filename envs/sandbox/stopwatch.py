"""How long queries take beside each other, run in turns on one open database."""

import gc
from collections.abc import Callable, Sequence

from envs.engines import UNLIMITED, Connection, NoDatabase, Result
from envs.example import Database
from envs.execution import Limits, Status
from envs.sandbox.ruler import OWN_SECONDS, runnable

LONGEST = 120.0
"""Seconds that all runs of all queries may take together ..."""
LEAST = 3
"""... but for this many of each."""


def in_turns(
    connection: Connection,
    database: Database,
    sqls: Sequence[str],
    repeats: int,
    limits: Limits,
    announce: Callable[[float], None],
) -> list[list[float]]:
    """Seconds of every run of each query: compiling it and reading all rows. Each runs once before, so that what the
    first run alone pays (reading the file) is in none; fewer than `repeats` where they take too long. Raises
    `NoDatabase` with the reason where one does not run."""

    def run(sql: str) -> Result:
        announce(limits.seconds + OWN_SECONDS)
        result = connection.execute(sql, limits.seconds, limits.rows, UNLIMITED)
        if result.status is not Status.OK:
            raise NoDatabase(f"it does not run within {limits.seconds:g} s ({result.status}): {result.message}")
        return result

    texts = [runnable(sql, database.engine) for sql in sqls]
    for text in texts:
        run(text)
    found: list[list[float]] = [[] for _ in texts]
    collecting = gc.isenabled()
    gc.disable()
    try:
        while len(found[0]) < repeats and (len(found[0]) < LEAST or sum(map(sum, found)) < LONGEST):
            for text, seconds in zip(texts, found, strict=True):
                seconds.append(run(text).seconds)
    finally:
        if collecting:
            gc.enable()
    return found
