"""SQLite through apsw, which pins one SQLite version on every machine (https://rogerbinns.github.io/apsw/).

A file opens read-only and immutable; an authorizer allows reading and nothing else (or, in a copy, writing to it); see
`_sqlite_rules`. Text that is not UTF-8 is read with replacement characters.
"""

# pyright: reportUnknownMemberType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import time
import urllib.parse
from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import apsw

from envs.engines import SETUP_SECONDS, UNLIMITED, NoDatabase, Result, State
from envs.engines import _sqlite_catalog as catalog
from envs.engines import _sqlite_rules as rules
from envs.engines._sqlite_endings import ending
from envs.engines._sqlite_log import check_whole
from envs.engines._sqlite_plan import widest_step as widest_step
from envs.engines._sqlite_text import as_blobs, decoded
from envs.example import Database
from envs.execution import Status
from envs.values import Row

_READ, _OK = apsw.SQLITE_READ, apsw.SQLITE_OK
_NEVER = float("inf")
OPCODES = 1_000
"""Opcodes of SQLite's virtual machine in one step of a budget."""


def open_database(database: Database, writable: bool = False) -> "SqliteConnection":
    """See `envs.engines`. Raises `NoDatabase`."""
    apsw.hard_heap_limit(rules.HEAP)
    try:
        if database.path is None:
            return _built(database.script or "", writable)
        return _opened(database.path, writable)
    except (MemoryError, apsw.NoMemError) as error:
        raise NoDatabase(f"the database does not fit in the {rules.HEAP >> 20} MiB that SQLite may use") from error
    except (
        apsw.Error,
        UnicodeError,
        TypeError,
        ValueError,
    ) as error:  # the last three: lone surrogates, NUL characters
        what = "the script does not build a database" if database.path is None else f"{database.path} is not a database"
        raise NoDatabase(f"{what}: {error}") from error


def crowded() -> bool:
    """See `envs.engines.EngineModule`."""
    return apsw.memory_used() > rules.HEAP // 4


def _opened(path: str, writable: bool) -> "SqliteConnection":
    if not Path(path).is_file():
        raise NoDatabase(f"there is no database file at {path}")
    check_whole(path)
    uri = f"file:{urllib.parse.quote(str(Path(path).resolve()))}?mode=ro&immutable=1"
    handle = apsw.Connection(
        uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs=rules.CLOCK, statementcachesize=0
    )
    handle.execute("SELECT count(*) FROM sqlite_master").fetchall()
    if not writable:
        return SqliteConnection(handle, rules.READING)
    copy = _memory()
    with copy.backup("main", handle, "main") as backup:
        backup.step()
    handle.close()
    return SqliteConnection(copy, rules.WRITING)


def _built(script: str, writable: bool) -> "SqliteConnection":
    connection = SqliteConnection(_memory(), rules.BUILDING)
    with connection.deadline(SETUP_SECONDS):
        connection.handle.execute(script).fetchall()
    if connection.handle.in_transaction:
        connection.handle.execute("COMMIT")
    connection.allowed = rules.WRITING if writable else rules.READING
    return connection


def _memory() -> apsw.Connection:
    return apsw.Connection(":memory:", vfs=rules.CLOCK, statementcachesize=0)


class SqliteConnection:
    """A hardened connection (`envs.engines.Connection`). `allowed` holds authorizer actions; None allows all."""

    def __init__(self, handle: apsw.Connection, allowed: set[int]) -> None:
        self.handle = handle
        self.allowed: set[int] | None = None
        self._end = _NEVER
        self._steps = 0
        self._most_steps = UNLIMITED
        self._tables: set[str] = set()
        self._relations: frozenset[str] | None = None
        self._names: tuple[str, ...] = ()
        self._started = False
        rules.harden(handle)
        handle.authorizer = self._authorize
        handle.set_progress_handler(self._exhausted, OPCODES)
        handle.exec_trace = self._first_only
        self.allowed = allowed

    def _authorize(self, action: int, one: str | None, two: str | None, _db: str | None, _by: str | None) -> int:
        if action == _READ:
            if one:
                self._tables.add(one)
            return _OK
        if self.allowed is None or rules.permits(self.allowed, action, one, two):
            return _OK
        return apsw.SQLITE_DENY

    def _exhausted(self) -> bool:
        self._steps += 1
        if self._steps > self._most_steps:
            return True
        return self._steps % 4 == 0 and time.monotonic() > self._end  # the clock costs more than the count

    @contextmanager
    def deadline(self, seconds: float, steps: int = UNLIMITED) -> Generator[None]:
        """Interrupt what runs inside after so much (not within one opcode: the parent kills those)."""
        self._end = time.monotonic() + seconds
        self._steps, self._most_steps = 0, steps
        try:
            yield
        finally:
            self._end, self._most_steps = _NEVER, UNLIMITED

    @contextmanager
    def _trusted(self) -> Generator[None]:
        allowed, self.allowed = self.allowed, None
        try:
            yield
        finally:
            self.allowed = allowed

    def execute(self, sql: str, seconds: float, rows: int, steps: int = UNLIMITED) -> Result:
        """See `envs.engines.Connection`."""
        started = time.monotonic()
        self._tables = set()
        self._end, self._steps, self._most_steps = started + seconds, 0, steps
        try:
            try:
                names, found = self._run(sql, rows)
            except UnicodeDecodeError:
                names = self._names
                found = [decoded(row) for row in self._run(as_blobs(sql, len(names)), rows)[1]]
        except (apsw.Error, MemoryError, UnicodeError, TypeError, ValueError) as error:  # the last three: odd text
            status, message = ending(error), str(error)[:300]
            if self._steps > steps:
                message = f"took more than {steps * OPCODES:,} steps of SQLite's virtual machine"
            return Result(status, seconds=time.monotonic() - started, message=message, steps=self._steps)
        finally:
            self._end, self._most_steps = _NEVER, UNLIMITED
        taken = time.monotonic() - started
        if len(found) > rows:
            message = f"more than {rows:,} rows"
            return Result(Status.TOO_MANY_ROWS, len(names), (), names, taken, message, self._steps)
        tables = self._known().intersection(map(str.lower, self._tables))
        return Result(Status.OK, len(names), found, names, taken, "", self._steps, tables)

    def _known(self) -> frozenset[str]:
        """The tables and views there are: SQLite says that it reads a CTE or a table function too."""
        if self._relations is None or self.allowed is not rules.READING:
            with self._trusted():
                self._relations = frozenset(name.lower() for name, _ in catalog.relations(self.handle))
        return self._relations

    def _run(self, sql: str, rows: int) -> tuple[tuple[str, ...], list[Row]]:
        """What apsw gives is in normal form already. Raises what apsw raises."""
        self._started = False
        cursor = self.handle.execute(sql)
        found = list(islice(cursor, rows + 1))
        if len(found) > rows:
            cursor.close(True)
        if not self._started:
            raise apsw.SQLError("there is no statement in it")
        return self._names, found

    def _first_only(self, cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        """Called before each statement of a text: whether it may run."""
        if self._started or not cursor.has_vdbe:  # without one it is nothing but blanks and comments
            return not cursor.has_vdbe or self.allowed is None or self.allowed is rules.BUILDING
        if cursor.is_explain or not (cursor.is_readonly or self.allowed is not rules.READING):
            return False
        self._started = True
        self._names = tuple([column[0] for column in cursor.get_description()])
        return True

    def schema(self) -> str:
        """See `envs.engines.Connection`."""
        with self._trusted():
            return catalog.schema(self.handle)

    def state(self, rows: int, seconds: float = SETUP_SECONDS) -> State:
        """See `envs.engines.Connection`."""
        until = time.monotonic() + seconds
        with self._trusted():
            held = {
                name: self.execute(f"SELECT * FROM {catalog.strict_name(name)}", until - time.monotonic(), rows)
                for name, _ in catalog.relations(self.handle)
            }
            return catalog.state(self.handle, held, rows)

    def close(self) -> None:
        self.handle.close(True)
