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
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

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
    """One name for all of these; equal only for equal parts."""
    return hashlib.sha256(json.dumps(parts, default=str).encode("ascii")).hexdigest()


@cache
def rules() -> str:
    """One name for everything that decides what a gold's answer is: the engines' versions and the code around them."""
    here = Path(__file__).parent.parent
    files = [file for part in ("", "engines/", "sandbox/", "twins/") for file in here.glob(f"{part}*.py")]
    versions = [version(package) for package in ("apsw", "duckdb", "sqlglot")]
    return digest(versions, [file.read_text(encoding="utf-8") for file in sorted(files)])


class Golds:
    """The store; `folder` None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._database: sqlite3.Connection | None = None
        self._owner = 0

    def __bool__(self) -> bool:
        """Whether anything is kept at all."""
        return self._folder is not None

    def find(self, keys: Sequence[str]) -> dict[str, Message]:
        """What is kept under these keys."""
        found: dict[str, Message] = {}
        database = self._opened() if keys else None
        if database is None:
            return found
        try:
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ", ".join("?" * len(some))
                rows = database.execute(f"SELECT key, kept FROM golds WHERE key IN ({marks})", some)
                found |= {key: json.loads(zlib.decompress(kept)) for key, kept in rows}
        except (sqlite3.Error, zlib.error, ValueError) as error:
            self._give_up(error)
        return found

    def keep(self, new: Mapping[str, Message]) -> None:
        """Add these, or put them in the place of what was there."""
        database = self._opened() if new else None
        if database is None:
            return
        rows = [(key, zlib.compress(json.dumps(kept).encode("ascii"), 1)) for key, kept in new.items()]
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
                database.execute("CREATE TABLE IF NOT EXISTS golds (key TEXT PRIMARY KEY, kept BLOB) WITHOUT ROWID")
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
