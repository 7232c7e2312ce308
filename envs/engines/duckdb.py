"""DuckDB in process: one warm instance, one database in it at a time (`_duckdb_instance`).

A reading connection runs everything in a read-only transaction: the statement type SELECT does not mean read-only since
DuckDB 2.0. Such a transaction holds nothing to undo, so that it is ended only where something may have been left in it.
"""

import contextlib
import re
import time
from collections.abc import Generator
from pathlib import Path

import duckdb

from envs.engines import SETUP_SECONDS, UNLIMITED, NoDatabase, Result, State
from envs.engines import _duckdb_catalog as catalog
from envs.engines._duckdb_endings import ending, sentence
from envs.engines._duckdb_instance import Instance, allow, name_of, warm
from envs.engines._duckdb_plan import widest_step as widest_step
from envs.engines._duckdb_statements import OUTSIDE, PIVOT, STAYS_INSIDE, reaches_outside, refused
from envs.engines._duckdb_watchdog import watchdog
from envs.example import Database
from envs.execution import Status
from envs.values import normal_rows

__all__ = ["DuckdbConnection", "allow", "open_database"]

_NOT_PLAIN = re.compile(r"--|/\*|[$\\]|\bwith\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'")
_READ = re.compile(r"\b(?:from|join)\s+(\w+)")
_ODD_TEXT = (UnicodeError, TypeError, RuntimeError)
"""What DuckDB's client raises on lone surrogates: RuntimeError("std::bad_cast") among them."""
_ODD_VALUES = (ArithmeticError, ValueError)
"""What it raises on values that Python cannot hold, such as an interval of 2,147,483,647 days."""
_BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.ConnectionException)


def open_database(database: Database, writable: bool = False) -> "DuckdbConnection":
    """See `envs.engines`. Raises `NoDatabase`, and `RuntimeError` while another is open for the same use."""
    if database.path is not None:
        if not Path(database.path).is_file():
            raise NoDatabase(f"there is no database file at {database.path}")
        allow([database.path])
    connection = DuckdbConnection(database, writable)
    connection.open()
    return connection


def crowded() -> bool:
    """See `envs.engines.EngineModule`: one database is open at a time."""
    return False


class DuckdbConnection:
    """One database in the warm instance (`envs.engines.Connection`)."""

    def __init__(self, database: Database, writable: bool) -> None:
        self._database, self._writable = database, writable
        self._name = name_of(database.path)
        self._relations: frozenset[str] | None = None
        self._instance: Instance | None = None
        self._in_transaction = False

    @property
    def handle(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection beneath. Raises `NoDatabase` when a broken instance cannot be made anew."""
        return (self._instance or self.open()).handle

    def open(self) -> Instance:
        """Take the instance and put the database into it. Raises `NoDatabase`."""
        path = str(Path(self._database.path).resolve()) if self._database.path is not None else None
        instance = warm(self._writable)
        try:
            with _deadline(instance.handle, SETUP_SECONDS):
                instance.hold(None if self._writable else path, self._name, self)
                if path is None:
                    _build(instance, self._database.script or "")
                elif self._writable:
                    instance.copy(path)
            self._instance = instance
        except (NoDatabase, duckdb.Error, MemoryError, *_ODD_TEXT) as error:
            what = f"{self._database.path} is not a database" if path else "the script does not build a database"
            raise NoDatabase(f"{what}: {str(error)[:300]}") from error
        finally:
            if self._instance is None and instance.busy:
                instance.release()
        return instance

    def execute(self, sql: str, seconds: float, rows: int, steps: int = UNLIMITED) -> Result:
        """See `envs.engines.Connection`. `crash`: DuckDB broke inside, and the database is built anew for the next."""
        started = time.monotonic()
        try:
            instance = self._instance or self.open()
        except NoDatabase as error:
            return Result(Status.NO_DATABASE, message=str(error))
        handle = instance.handle
        running = False
        watchdog.arm(handle, seconds)
        try:
            statements = handle.extract_statements(sql)
            status, message = refused(sql, statements, self._writable)
            if status is not Status.OK:
                return Result(status, message=message)
            running = True
            if self._writable and reaches_outside(sql, statements[0]):
                instance.spoilt = True
            if not (self._writable or self._in_transaction):
                self._in_transaction = True
                handle.execute(instance.begin)
            handle.execute(statements[0])
            names = tuple([str(column[0]) for column in handle.description or ()])
            found = handle.fetchmany(rows + 1)
            if len(found) > rows:
                handle.abort()
            running = statements[0].type.name == PIVOT  # its ENUM is still there
            tables = self._read(handle, sql) if len(found) <= rows else None
        except (duckdb.Error, MemoryError, *_ODD_TEXT, *_ODD_VALUES) as error:
            took = time.monotonic() - started
            if isinstance(error, _BROKEN):
                instance.discard()
                self._instance, self._in_transaction, running = None, False, False
            return Result(ending(error), seconds=took, message=sentence(error))
        finally:
            watchdog.disarm()
            if running:
                self._leave(instance)
        took = time.monotonic() - started
        if len(found) > rows:
            return Result(Status.TOO_MANY_ROWS, len(names), (), names, took, f"more than {rows:,} rows")
        return Result(Status.OK, len(names), normal_rows(found), names, took, tables=tables)

    def _read(self, handle: duckdb.DuckDBPyConnection, sql: str) -> frozenset[str] | None:
        """The tables and views that a query reads: seen in plain text, or asked of DuckDB where it is not plain."""
        if self._writable:
            return None
        if not _NOT_PLAIN.search(sql):
            if self._relations is None:
                self._relations = frozenset(catalog.names(handle, self._name))
            outside = _QUOTED.sub("", sql).lower()
            if found := self._relations.intersection(_READ.findall(outside)):
                return found
        try:
            return frozenset(name.lower() for name in handle.get_table_names(sql))
        except duckdb.Error:  # after which a transaction takes no more
            self._leave(self._instance or self.open())
            return None

    def schema(self) -> str:
        """See `envs.engines.Connection`."""
        return catalog.schema(self._outside_transactions(), self._name)

    def state(self, rows: int, seconds: float = SETUP_SECONDS) -> State:
        """See `envs.engines.Connection`."""
        handle = self._outside_transactions()
        with _deadline(handle, seconds):
            return catalog.state(handle, self._name, rows)

    def close(self) -> None:
        """Let go of the database. Closing twice is harmless."""
        if self._instance is not None:
            self._instance.release()
        self._instance, self._in_transaction = None, False

    def _outside_transactions(self) -> duckdb.DuckDBPyConnection:
        instance = self._instance or self.open()
        self._leave(instance)
        return instance.handle

    def _leave(self, instance: Instance) -> None:
        if self._in_transaction:
            self._in_transaction = False
            with contextlib.suppress(duckdb.Error):  # the statement's own error is the one to tell
                instance.handle.execute(instance.rollback)


def _build(instance: Instance, script: str) -> None:
    statements = instance.handle.extract_statements(script)
    kinds = {statement.type.name for statement in statements}
    if moves := kinds & {"ATTACH", "DETACH"}:
        raise NoDatabase(f"a statement of type {min(moves)}")
    instance.spoilt = not kinds <= STAYS_INSIDE or OUTSIDE.search(script) is not None
    for statement in statements:
        instance.handle.execute(statement)
    if "TRANSACTION" in kinds:
        with contextlib.suppress(duckdb.TransactionException):  # it ended its own
            instance.handle.execute("COMMIT")


@contextlib.contextmanager
def _deadline(handle: duckdb.DuckDBPyConnection, seconds: float) -> Generator[None]:
    watchdog.arm(handle, seconds)
    try:
        yield
    finally:
        watchdog.disarm()
