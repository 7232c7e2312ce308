"""What the database said when a query ran: an enum of endings, never a bool."""

from dataclasses import dataclass
from enum import StrEnum

Value = None | int | float | str | bytes


class Status(StrEnum):
    """How running a query ended. Names follow what a person debugging a policy asks first: whose fault was it?"""

    OK = "ok"
    NO_SQL = "no_sql"  # the completion held no query
    REJECTED = "rejected"  # the gate refused it before it ran (see envs/gate.py)
    SYNTAX = "syntax"
    MISSING_TABLE = "missing_table"
    MISSING_COLUMN = "missing_column"
    MISSING_FUNCTION = "missing_function"
    AMBIGUOUS = "ambiguous"
    TYPE = "type"
    SEMANTIC = "semantic"
    CONSTRAINT = "constraint"
    RUNTIME = "runtime"
    TOO_MANY_ROWS = "too_many_rows"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    FORBIDDEN = "forbidden"
    ENCODING = "encoding"
    CRASH = "crash"  # its process died on it more than once: nobody knows what the answer would have been
    NO_DATABASE = "no_database"  # the file is missing or is not a database, or the script does not build


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, where its gold does not need more.

    `steps` is the engine's own measure of work, the same on a busy machine and a quiet one (SQLite: thousands of
    opcodes; DuckDB has none); wall seconds are the limit behind it. Then result rows, and bytes of address space of the
    process.
    """

    seconds: float = 2.0
    rows: int = 10_000
    memory: int = 2 << 30
    steps: int = 60_000


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one query. `rows` counts the whole result; `sample` holds its first few rows, and `fingerprint` is of
    all of them (`envs.fingerprint`), "" where nobody asked for it or nothing came back."""

    status: Status
    columns: int = 0
    rows: int = 0
    seconds: float = 0.0
    sample: tuple[tuple[Value, ...], ...] = ()
    message: str = ""
    fingerprint: str = ""

    @property
    def ok(self) -> bool:
        return self.status is Status.OK
