"""What a SQLite connection may do, and how large anything in it may grow.

The clock stands still and random() is a constant, so that a query has one answer. Rules follow
https://sqlite.org/security.html and https://sqlite.org/c3ref/set_authorizer.html.
"""

# pyright: reportUnknownMemberType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import apsw

HEAP = 256 << 20
"""Bytes SQLite may hold, all databases of the process together."""
LIMITS = {
    apsw.SQLITE_LIMIT_LENGTH: 10_000_000,
    apsw.SQLITE_LIMIT_SQL_LENGTH: 100_000_000,
    apsw.SQLITE_LIMIT_COLUMN: 2_000,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 200,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 500,
    apsw.SQLITE_LIMIT_VDBE_OP: 250_000,
    apsw.SQLITE_LIMIT_FUNCTION_ARG: 100,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}
READING = {apsw.SQLITE_READ, apsw.SQLITE_SELECT, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}
WRITING = READING | {
    getattr(apsw, f"SQLITE_{what}")
    for what in (
        *("INSERT", "UPDATE", "DELETE", "ALTER_TABLE", "REINDEX", "ANALYZE"),
        *("CREATE_TABLE", "CREATE_INDEX", "CREATE_VIEW", "CREATE_TRIGGER"),
        *("DROP_TABLE", "DROP_INDEX", "DROP_VIEW", "DROP_TRIGGER"),
        *("CREATE_TEMP_TABLE", "CREATE_TEMP_INDEX", "CREATE_TEMP_VIEW"),
        *("DROP_TEMP_TABLE", "DROP_TEMP_INDEX", "DROP_TEMP_VIEW"),
    )
}
BUILDING = WRITING | {apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT}
FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "sqlite_compileoption_get", "sqlite_compileoption_used"}
NOW = 212_602_449_600_000
"""The frozen clock: 2025-01-01 00:00:00 UTC, in milliseconds of the Julian day."""
CLOCK = "frozen_clock"


class _FrozenClock(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(CLOCK, "")

    def xCurrentTimeInt64(self) -> int:
        return NOW


_clock = _FrozenClock()


def permits(allowed: set[int], action: int, one: str | None, two: str | None) -> bool:
    """The authorizer's rule; `one` and `two` are what the action is about (https://sqlite.org/c3ref/c_alter_table.html)."""
    if action == apsw.SQLITE_FUNCTION and (two or "").lower() in FORBIDDEN_FUNCTIONS:
        return False
    if action == apsw.SQLITE_PRAGMA and allowed is BUILDING:  # scripts made by dumping a database begin with it
        return (one or "").lower() == "foreign_keys"
    return action in allowed


def harden(handle: apsw.Connection) -> None:
    """Apply everything that is not the authorizer's: defensive mode, limits, constants for what is random."""
    handle.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    handle.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    handle.config(apsw.SQLITE_DBCONFIG_DQS_DML, 1)
    handle.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 1)
    handle.execute("PRAGMA temp_store=2; PRAGMA mmap_size=0; PRAGMA cell_size_check=1").fetchall()
    handle.create_scalar_function("random", _random, 0, deterministic=True)
    handle.create_scalar_function("randomblob", _randomblob, 1)
    for limit, most in LIMITS.items():
        handle.limit(limit, most)


def _random(*_: object) -> int:
    return 4


def _randomblob(*size: object) -> bytes:
    asked = size[0] if isinstance(size[0], int | float) else 1
    return bytes(int(max(1, min(asked, LIMITS[apsw.SQLITE_LIMIT_LENGTH]))))
