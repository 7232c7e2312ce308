"""The warm DuckDB of this process: locked, without a file system, holding one database at a time.

Making an instance costs tens of milliseconds, attaching a database a tenth of one. There are at most two: one whose
databases are read and one whose databases are written, so that neither sees the other. Settings follow
https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview.
"""

import atexit
import contextlib
import os
import weakref
from collections.abc import Sequence
from pathlib import Path

import duckdb

from envs.engines._duckdb_frozen import MACROS

NAME = "memory"
"""What a script's database is called: DuckDB's own name for one in memory."""
_HOME = "nothing"
"""The empty database that is there while none is open: DuckDB cannot be without one."""
_TAKEN = {_HOME, "original", "system", "temp"}
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
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


class Instance:
    """One instance with its one connection. `spoilt` says that something in it outlives the database it holds."""

    def __init__(self, files: Sequence[str]) -> None:
        self.handle = duckdb.connect(":memory:", config=_CONFIG)
        self.spoilt = False
        self._name = NAME
        self._holder: weakref.ref[object] | None = None
        allowed = ", ".join(_text(path) for file in files for path in (file, _log_of(file)))
        for setting in (
            f"allowed_paths = [{allowed}]",
            "enable_external_access = false",
            "GLOBAL TimeZone = 'UTC'",
            "GLOBAL catalog_error_max_schemas = 1",
            f"GLOBAL max_execution_time = {LONGEST}",
        ):
            self.handle.execute(f"SET {setting}")
        self.handle.execute(MACROS)
        self.handle.execute("SET lock_configuration = true")
        self.handle.execute(f"ATTACH ':memory:' AS {_HOME}; USE {_HOME}; DETACH {NAME}")
        self.begin, self.rollback = self.handle.extract_statements("BEGIN TRANSACTION READ ONLY; ROLLBACK")

    @property
    def busy(self) -> bool:
        """Whether it holds a database for somebody; one that was dropped without being closed is let go here."""
        if self._holder is not None and self._holder() is None:
            self.release()
        return self._holder is not None

    def hold(self, file: str | None, name: str, holder: object) -> None:
        """Hold that file, which opens read-only, or an empty database in memory."""
        self._name = '"' + name.replace('"', '""') + '"'
        what = f"{_text(file)} AS {self._name} (READ_ONLY, TYPE duckdb)" if file else f"':memory:' AS {self._name}"
        self.handle.execute(f"ATTACH {what}")
        self._holder = weakref.ref(holder)
        self.handle.execute(f"USE {self._name}; DETACH {_HOME}")

    def copy(self, file: str) -> None:
        """Fill the database held with what that file holds."""
        self.spoilt = True
        self.handle.execute(f"ATTACH {_text(file)} AS original (READ_ONLY, TYPE duckdb)")
        self.handle.execute(f"COPY FROM DATABASE original TO {self._name}; DETACH original")
        self.spoilt = False

    def release(self) -> None:
        """Hold nothing. A spoilt instance, and one that cannot let go, ends here."""
        self._holder = None
        try:
            if not self.spoilt:
                with contextlib.suppress(duckdb.TransactionException):  # there is none to end
                    self.handle.execute(self.rollback)
                self.handle.execute(f"ATTACH ':memory:' AS {_HOME}; USE {_HOME}; DETACH {self._name}")
                return
        except duckdb.Error:
            pass
        self.discard()

    def discard(self) -> None:
        """End this instance; the next one to be asked for is new."""
        for writable in [key for key, instance in _warm.items() if instance is self]:
            del _warm[writable]
        self.handle.close()


_files: set[str] = set()
_warm: dict[bool, Instance] = {}
_inherited: list[dict[bool, Instance]] = []


def name_of(file: str | None) -> str:
    """What DuckDB calls a database: a file by its stem."""
    stem = Path(file).resolve().stem if file else NAME
    return NAME if stem.lower() in _TAKEN else stem


def allow(paths: Sequence[str]) -> None:
    """Name the database files that may be opened; what is not named before the first opening costs a new instance.

    Raises `RuntimeError` while a database is open that would have to be closed for it.
    """
    new = {str(Path(path).resolve()) for path in paths} - _files
    if new and any(instance.busy for instance in list(_warm.values())):
        raise RuntimeError(f"a DuckDB database is open, so {sorted(new)[0]} cannot be allowed; close it first")
    if new:
        _files.update(new)
        for instance in list(_warm.values()):
            instance.discard()


def warm(writable: bool) -> Instance:
    """The instance for that use. Raises `RuntimeError` when it holds a database."""
    if writable in _warm and _warm[writable].busy:
        raise RuntimeError(
            f"a DuckDB database is open for {'writing' if writable else 'reading'} in this process, which holds one at "
            "a time; close it first"
        )
    if writable not in _warm:
        _warm[writable] = Instance(sorted(_files))
    return _warm[writable]


def _forget() -> None:
    global _warm
    _inherited.append(_warm)  # not ours to close: the parent still uses it
    _warm = {}


def _end() -> None:
    for instance in list(_warm.values()):
        instance.discard()


os.register_at_fork(after_in_child=_forget)
atexit.register(_end)


def _log_of(file: str) -> str:
    """Where DuckDB looks for the write-ahead log of a file; it takes a question mark for the start of parameters."""
    name, mark, rest = file.partition("?")
    return f"{name}.wal{mark}{rest}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
