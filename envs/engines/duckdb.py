"""DuckDB in process, one instance for each open database.

External access is off, the configuration is locked, every query runs in a read-only transaction that is rolled back
(the statement type SELECT does not mean read-only since DuckDB 2.0), and a watchdog interrupts it at its deadline.
Settings follow https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview.
"""

import contextlib
import threading
import time
from collections.abc import Generator
from pathlib import Path

import duckdb

from envs.engines import SETUP_SECONDS, NoDatabase, Result, State
from envs.engines import _duckdb_catalog as catalog
from envs.engines._duckdb_endings import ending
from envs.example import Database
from envs.execution import Status
from envs.values import normal_rows

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "async_threads": 0,
    "memory_limit": "512MB",
    "temp_directory": "",
    "max_temp_directory_size": "0B",
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "allow_extension_repositories": "forbidden",
    "enable_external_file_cache": False,
    "python_enable_replacements": False,
    "python_scan_all_frames": False,
}
LONGEST = 60_000
"""Milliseconds after which DuckDB itself gives up, a second line behind the watchdog."""
WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE_INTO", "CREATE", "ALTER", "DROP"}
FROZEN = (
    "CREATE TEMP MACRO random() AS 0.5; CREATE TEMP MACRO uuid() AS '00000000-0000-4000-8000-000000000000'::UUID; "
    "CREATE TEMP MACRO gen_random_uuid() AS '00000000-0000-4000-8000-000000000000'::UUID; "
    "CREATE TEMP MACRO now() AS TIMESTAMP '2025-01-01'; CREATE TEMP MACRO today() AS DATE '2025-01-01'; "
    "CREATE TEMP MACRO current_date() AS DATE '2025-01-01'"
)


def open_database(database: Database, writable: bool = False) -> "DuckdbConnection":
    """See `envs.engines`. Raises `NoDatabase`."""
    path = database.path
    if path is not None and not Path(path).is_file():
        raise NoDatabase(f"there is no database file at {path}")
    try:
        if path is not None and not writable:
            handle = duckdb.connect(path, read_only=True, config=SETTINGS)
        else:
            handle = duckdb.connect(":memory:", config=SETTINGS)
        if path is not None and writable:
            name = path.replace("'", "''")
            handle.execute(f"ATTACH '{name}' AS original (READ_ONLY)")
            handle.execute("COPY FROM DATABASE original TO memory; DETACH original")
        handle.execute("SET enable_external_access = false")
        handle.execute(f"SET GLOBAL max_execution_time = {LONGEST}")
        handle.execute(FROZEN)
        handle.execute("SET lock_configuration = true")
        if database.script:
            with interrupted_after(handle, SETUP_SECONDS):
                handle.execute(database.script)
    except (duckdb.Error, MemoryError, UnicodeError, TypeError, RuntimeError) as error:  # the last three: odd text
        what = "the script does not build a database" if path is None else f"{path} is not a database"
        raise NoDatabase(f"{what}: {str(error)[:300]}") from error
    return DuckdbConnection(handle, writable)


@contextlib.contextmanager
def interrupted_after(handle: duckdb.DuckDBPyConnection, seconds: float) -> Generator[None]:
    """Interrupt what runs inside after that many seconds, again and again: one that comes early is dropped."""
    done = threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            handle.interrupt()
            wait = 0.02

    watchdog = threading.Thread(target=watch, daemon=True)
    watchdog.start()
    try:
        yield
    finally:
        done.set()
        watchdog.join()


class DuckdbConnection:
    """A hardened connection (`envs.engines.Connection`)."""

    def __init__(self, handle: duckdb.DuckDBPyConnection, writable: bool) -> None:
        self.handle = handle
        self.writable = writable

    def execute(self, sql: str, seconds: float, rows: int) -> Result:
        """See `envs.engines.Connection`."""
        started = time.monotonic()
        try:
            result = self._run(sql, seconds, rows)
        except (duckdb.Error, MemoryError, UnicodeError, TypeError, RuntimeError) as error:
            # DuckDB raises TypeError and RuntimeError("std::bad_cast") on lone surrogates
            late = time.monotonic() - started >= seconds and isinstance(error, duckdb.InterruptException)
            status = Status.TIMEOUT if late else ending(error)
            result = Result(status, message=_sentence(error))
        return Result(
            result.status, result.columns, result.rows, result.names, time.monotonic() - started, result.message
        )

    def _run(self, sql: str, seconds: float, rows: int) -> Result:
        statements = self.handle.extract_statements(sql)
        if not statements:
            return Result(Status.NO_SQL, message="there is no statement in it")
        if len(statements) > 1:
            return Result(Status.FORBIDDEN, message=f"{len(statements)} statements")
        kind = statements[0].type.name
        if kind != "SELECT" and not (self.writable and kind in WRITES):
            return Result(Status.FORBIDDEN, message=f"a statement of type {kind}")
        if not self.writable:
            self.handle.execute("BEGIN TRANSACTION READ ONLY")
        try:
            with interrupted_after(self.handle, seconds):
                self.handle.execute(statements[0])
                names = tuple(str(column[0]) for column in self.handle.description or ())
                found = self.handle.fetchmany(rows + 1)
        finally:
            if not self.writable:
                with contextlib.suppress(duckdb.Error):  # the error of the statement itself is the one to tell
                    self.handle.execute("ROLLBACK")
        if len(found) > rows:
            return Result(Status.TOO_MANY_ROWS, len(names), names=names, message=f"more than {rows:,} rows")
        return Result(Status.OK, len(names), normal_rows(found), names)

    def schema(self) -> str:
        """See `envs.engines.Connection`."""
        return catalog.schema(self.handle)

    def state(self, rows: int) -> State:
        """See `envs.engines.Connection`."""
        with interrupted_after(self.handle, SETUP_SECONDS):
            return catalog.state(self.handle, rows)

    def close(self) -> None:
        self.handle.close()


def _sentence(error: BaseException) -> str:
    return str(error).split("\n\nLINE ")[0][:300]
