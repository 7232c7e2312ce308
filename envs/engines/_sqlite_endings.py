"""What SQLite's errors mean, as a `Status`."""

import apsw

from envs.execution import Status

_STATUS: list[tuple[type[BaseException], Status]] = [
    (apsw.InterruptError, Status.TIMEOUT),
    (apsw.NoMemError, Status.MEMORY),
    (MemoryError, Status.MEMORY),
    (apsw.AuthError, Status.FORBIDDEN),
    (apsw.ReadOnlyError, Status.FORBIDDEN),
    (apsw.AbortError, Status.FORBIDDEN),
    (apsw.ExecTraceAbort, Status.FORBIDDEN),
    (apsw.TooBigError, Status.MEMORY),
    (apsw.ConstraintError, Status.CONSTRAINT),
    (apsw.MismatchError, Status.TYPE),
    (UnicodeError, Status.ENCODING),
    (TypeError, Status.ENCODING),
    (ValueError, Status.ENCODING),
]
_MESSAGE: list[tuple[str, Status]] = [
    ("there is no statement", Status.NO_SQL),
    ("not authorized", Status.FORBIDDEN),
    ("prohibited", Status.FORBIDDEN),
    ("no such table", Status.MISSING_TABLE),
    ("no such view", Status.MISSING_TABLE),
    ("no such column", Status.MISSING_COLUMN),
    ("has no column", Status.MISSING_COLUMN),
    ("no such function", Status.MISSING_FUNCTION),
    ("wrong number of arguments", Status.MISSING_FUNCTION),
    ("ambiguous", Status.AMBIGUOUS),
    ("syntax error", Status.SYNTAX),
    ("incomplete input", Status.SYNTAX),
    ("unrecognized token", Status.SYNTAX),
    ("misuse", Status.SEMANTIC),
    ("GROUP BY", Status.SEMANTIC),
    ("ORDER BY", Status.SEMANTIC),
    ("do not have the same number of", Status.SEMANTIC),
    ("columns", Status.SEMANTIC),
]


def ending(error: BaseException) -> Status:
    """How a statement ended that raised `error`."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    text = str(error)
    return next((status for part, status in _MESSAGE if part in text), Status.RUNTIME)
