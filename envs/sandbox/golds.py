"""Golds that ran before, kept on disk by the hash of everything their answer depends on.

One SQLite file, which several processes may share. It is a cache: a full disk, a file that is no database any more or a
folder that cannot be written costs time, never a result.
"""

import hashlib
import json
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from envs.sandbox.wire import Message

NAME = "golds.sqlite"


def default_folder() -> Path:
    """Where caches go: $TEXT2SQL_CACHE, or the user's own cache folder."""
    given = os.environ.get("TEXT2SQL_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "text-to-sql-rl"


def digest(*parts: object) -> str:
    """One name for all of these, whatever their order of types; equal only for equal parts."""
    return hashlib.sha256(json.dumps(parts, default=str).encode("ascii")).hexdigest()


class Kept(Protocol):
    """What the store needs to know of a task."""

    @property
    def key(self) -> str: ...

    ruler: Message | None
    made: Message | None


class Golds:
    """The store; `folder` None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._database: sqlite3.Connection | None = None
        self._owner = 0

    def find(self, tasks: Sequence[Kept]) -> None:
        """Give each task the ruler that is kept for it."""
        database = self._opened()
        if database is None:
            return
        keys = {task.key: task for task in tasks}
        names = list(keys)
        try:
            for start in range(0, len(names), 500):
                some = names[start : start + 500]
                marks = ", ".join("?" * len(some))
                for key, ruler in database.execute(f"SELECT key, ruler FROM golds WHERE key IN ({marks})", some):
                    keys[key].ruler = json.loads(zlib.decompress(ruler))
        except (sqlite3.Error, zlib.error, ValueError) as error:
            self._give_up(error)

    def keep(self, tasks: Iterable[Kept]) -> None:
        """Keep the rulers that were made, except those that were found here."""
        if self._folder is None:
            return
        rows = [(t.key, zlib.compress(json.dumps(t.made).encode("ascii"), 1)) for t in tasks if t.made and not t.ruler]
        database = self._opened() if rows else None
        if database is None:
            return
        try:
            with database:
                database.executemany("INSERT OR REPLACE INTO golds VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        if self._database is not None and self._owner == os.getpid():
            self._database.close()
        self._database = None

    def _opened(self) -> sqlite3.Connection | None:
        if self._folder is None:
            return None
        if self._database is None or self._owner != os.getpid():  # a connection must not cross a fork
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._database = self._create(self._folder / NAME)
                self._owner = os.getpid()
            except (OSError, sqlite3.Error) as error:
                self._give_up(error)
        return self._database

    def _create(self, path: Path) -> sqlite3.Connection:
        for attempt in (1, 2):
            database = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
            try:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = OFF")
                database.execute("CREATE TABLE IF NOT EXISTS golds (key TEXT PRIMARY KEY, ruler BLOB) WITHOUT ROWID")
                return database
            except sqlite3.DatabaseError as error:
                database.close()
                if attempt == 2 or isinstance(error, sqlite3.OperationalError):
                    raise
                path.unlink(missing_ok=True)  # not a database: nothing in it is worth keeping
        raise AssertionError("unreachable")

    def _give_up(self, error: Exception) -> None:
        print(f"golds are not cached in {self._folder}: {error}; set TEXT2SQL_CACHE to another folder", file=sys.stderr)
        self._folder = None
        self.close()
