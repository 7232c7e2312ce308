"""What a statement returned, for a person who asked: with the names of its columns, and no gold beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from envs.effort import Effort
from envs.execution import Execution, Status, Value
from envs.sandbox.wire import Message, rows_in, rows_out
from envs.values import Row

CHARACTERS = 2_000
"""Of one value that leaves the executor."""
ALL = 4_000_000
"""Characters, about, of all values that leave it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`rows` are the first ones; `count` is how many there are, None where they are more than the limit of rows (status
    `too_many_rows`). `changes` says what a statement did to a copy of the database, None where it was no write."""

    status: Status
    names: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    count: int | None = 0
    seconds: float = 0.0
    message: str = ""
    fingerprint: str = ""
    effort: Effort | None = None
    changes: tuple[str, ...] | None = None

    @property
    def answers(self) -> bool:
        """Whether it ran, and there is something to look at."""
        return self.status is Status.OK or (self.status is Status.TOO_MANY_ROWS and bool(self.rows))

    @property
    def execution(self) -> Execution:
        """As `envs.observation` reads it."""
        return Execution(
            self.status, len(self.names), self.count or 0, self.seconds, self.rows, self.message, self.fingerprint
        )

    def out(self) -> Message:
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        effort = self.effort
        numbers = None if effort is None else [effort.joins, effort.nesting, effort.tables, effort.rows]
        return told | {"rows": rows_out(self.rows), "effort": numbers}

    @classmethod
    def of(cls, told: Message) -> Self:
        """Raises KeyError, TypeError or ValueError on what `out` did not write."""
        more: dict[str, Any] = {
            "status": Status(told["status"]),
            "names": tuple(map(str, told["names"])),
            "rows": tuple(rows_in(told["rows"])),
            "effort": None if told["effort"] is None else Effort(*told["effort"]),
            "changes": None if told["changes"] is None else tuple(map(str, told["changes"])),
        }
        return cls(**(told | more))


def first(rows: Sequence[Row], most: int) -> tuple[Row, ...]:
    """The first rows with long values cut, as many as together are not too long."""
    found: list[Row] = []
    length = 0
    for row in rows[:most]:
        cut = tuple(_cut(value) for value in row)
        length += sum(len(value) if isinstance(value, str | bytes) else 8 for value in cut)
        if length > ALL and found:
            break
        found.append(cut)
    return tuple(found)


def _cut(value: Value) -> Value:
    if isinstance(value, str) and len(value) > CHARACTERS:
        return f"{value[:CHARACTERS]}... ({len(value):,} characters)"
    if isinstance(value, bytes):
        return value[:CHARACTERS]
    if isinstance(value, int) and value.bit_length() > 256:
        return float(value) if value.bit_length() < 1000 else f"{value.bit_length()}-bit integer"
    return value
