"""One statement that writes, on the file itself: after it was tried on a copy, and somebody said yes.

Not in the sandbox, which cannot write: in this process, on a connection that may do what the copy's could and reach
nothing else. Unlike in the sandbox the clock is the real one and chance is chance.
"""

import sqlite3
import time

from envs.engines import NoDatabase
from envs.engines._sqlite_log import check_whole
from envs.example import Database
from envs.sandbox.file_stamp import file_stamp
from policy.config_error import ConfigError

OPCODES = 10_000
"""Of SQLite's virtual machine, between two looks at the clock."""
_WRITES = {
    getattr(sqlite3, f"SQLITE_{what}")
    for what in (
        *("READ", "SELECT", "FUNCTION", "RECURSIVE", "INSERT", "UPDATE", "DELETE", "ALTER_TABLE", "REINDEX", "ANALYZE"),
        *("CREATE_TABLE", "CREATE_INDEX", "CREATE_VIEW", "CREATE_TRIGGER"),
        *("DROP_TABLE", "DROP_INDEX", "DROP_VIEW", "DROP_TRIGGER"),
    )
}


def write_in_place(database: Database, sql: str, stamp: str, seconds: float) -> None:
    """All of it or nothing. Raises ConfigError where the file is not the one that was copied (`stamp`), somebody else
    has it, or the statement fails."""
    path = str(file_stamp(database.path)[0])
    _expect(path, stamp)
    try:
        if database.engine == "sqlite":
            _in_sqlite(path, sql, stamp, seconds)
        else:
            _in_duckdb(path, sql, seconds)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}. Nothing was written") from None


def _expect(path: str, stamp: str) -> None:
    if file_stamp(path)[1] != stamp:
        raise ConfigError(f"{path} has changed since the statement was tried on a copy; ask again. Nothing was written")


def _in_sqlite(path: str, sql: str, stamp: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    try:
        connection = sqlite3.connect(f"{_uri(path)}?mode=rw", uri=True, timeout=min(seconds, 5.0), isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            _expect(path, stamp)  # who wrote while we waited for the lock has changed it
            check_whole(path)
            connection.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _WRITES else sqlite3.SQLITE_DENY
            )
            connection.set_progress_handler(lambda: time.monotonic() > until, OPCODES)
            connection.execute(sql).fetchall()
            connection.set_progress_handler(None, 0)
            connection.set_authorizer(None)
            connection.execute("COMMIT")
        finally:
            connection.close()  # which takes back what is not committed
    except (sqlite3.Error, sqlite3.Warning, NoDatabase) as error:
        raise OSError(str(error)) from error


def _uri(path: str) -> str:
    from urllib.parse import quote

    return f"file:{quote(path)}"


def _in_duckdb(path: str, sql: str, seconds: float) -> None:
    import duckdb

    from envs.engines._duckdb_watchdog import watchdog

    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "lock_configuration": True,
    }
    try:
        with duckdb.connect(path, config=config) as connection:
            (statement,) = connection.extract_statements(sql)
            watchdog.arm(connection, seconds)
            try:
                connection.execute(statement)
            finally:
                watchdog.disarm()
    except duckdb.Error as error:
        raise OSError(str(error).splitlines()[0]) from error
