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
from pathlib import Path

import apsw

from envs.engines import SETUP_SECONDS, NoDatabase, Result, State
from envs.engines import _sqlite_catalog as catalog
from envs.engines import _sqlite_rules as rules
from envs.engines._sqlite_endings import ending
from envs.example import Database
from envs.execution import Status
from envs.values import normal_rows


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


def _opened(path: str, writable: bool) -> "SqliteConnection":
    if not Path(path).is_file():
        raise NoDatabase(f"there is no database file at {path}")
    uri = f"file:{urllib.parse.quote(str(Path(path).resolve()))}?mode=ro&immutable=1"
    handle = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs=rules.CLOCK)
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
    return apsw.Connection(":memory:", vfs=rules.CLOCK)


class SqliteConnection:
    """A hardened connection (`envs.engines.Connection`). `allowed` holds authorizer actions; None allows all."""

    def __init__(self, handle: apsw.Connection, allowed: set[int]) -> None:
        self.handle = handle
        self.allowed: set[int] | None = None
        self._end = float("inf")
        self._names: tuple[str, ...] = ()
        rules.harden(handle)
        handle.authorizer = self._authorize
        handle.set_progress_handler(self._late, 1_000)
        self.allowed = allowed

    def _authorize(self, action: int, one: str | None, two: str | None, _db: str | None, _by: str | None) -> int:
        if self.allowed is None or rules.permits(self.allowed, action, one, two):
            return apsw.SQLITE_OK
        return apsw.SQLITE_DENY

    def _late(self) -> bool:
        return time.monotonic() > self._end

    @contextmanager
    def deadline(self, seconds: float) -> Generator[None]:
        """Interrupt what runs inside after that many seconds (not within one opcode: the parent kills those)."""
        self._end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._end = float("inf")

    @contextmanager
    def _trusted(self) -> Generator[None]:
        allowed, self.allowed = self.allowed, None
        try:
            yield
        finally:
            self.allowed = allowed

    def execute(self, sql: str, seconds: float, rows: int) -> Result:
        """See `envs.engines.Connection`."""
        started = time.monotonic()
        try:
            with self.deadline(seconds):
                try:
                    names, found = self._run(sql, rows)
                except UnicodeDecodeError:
                    names = self._names
                    found = [_decoded(row) for row in self._run(_as_blobs(sql, len(names)), rows)[1]]
        except (apsw.Error, MemoryError, UnicodeError, TypeError, ValueError) as error:  # the last three: odd text
            status, message = ending(error), str(error)[:300]
            return Result(status, seconds=time.monotonic() - started, message=message)
        if len(found) > rows:
            status, message = Status.TOO_MANY_ROWS, f"more than {rows:,} rows"
            return Result(status, len(names), seconds=time.monotonic() - started, message=message)
        return Result(Status.OK, len(names), normal_rows(found), names, time.monotonic() - started)

    def _run(self, sql: str, rows: int) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        names: list[tuple[str, ...]] = []

        def first_only(cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
            if not cursor.has_vdbe:  # nothing but blanks and comments
                return True
            names.append(tuple(column[0] for column in cursor.get_description()))
            self._names = names[0]
            return (
                len(names) == 1 and not cursor.is_explain and (cursor.is_readonly or self.allowed is not rules.READING)
            )

        cursor = self.handle.cursor()
        cursor.exec_trace = first_only
        try:
            cursor.execute(sql)
            found: list[tuple[object, ...]] = []
            for row in cursor:
                found.append(row)
                if len(found) > rows:
                    break
        finally:
            cursor.close(True)
        if not names:
            raise apsw.SQLError("there is no statement in it")
        return names[0], found

    def schema(self) -> str:
        """See `envs.engines.Connection`."""
        with self._trusted():
            return catalog.schema(self.handle)

    def state(self, rows: int) -> State:
        """See `envs.engines.Connection`."""
        with self._trusted(), self.deadline(SETUP_SECONDS):
            held = {
                name: self.execute(f"SELECT * FROM {catalog.strict_name(name)}", SETUP_SECONDS, rows)
                for name, _ in catalog.relations(self.handle)
            }
            return catalog.state(self.handle, held, rows)

    def close(self) -> None:
        self.handle.close(True)


def _as_blobs(sql: str, width: int) -> str:
    """The same rows with text as bytes, each value followed by its type: apsw reads no text that is not UTF-8."""
    names = ", ".join(f"c{i}" for i in range(width))
    values = ", ".join(
        f"CASE typeof(c{i}) WHEN 'text' THEN CAST(c{i} AS BLOB) ELSE c{i} END, typeof(c{i})" for i in range(width)
    )
    return f"WITH q({names}) AS ({sql}\n) SELECT {values} FROM q"


def _decoded(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(
        value.decode(errors="replace") if kind == "text" and isinstance(value, bytes) else value
        for value, kind in zip(row[::2], row[1::2], strict=True)
    )
