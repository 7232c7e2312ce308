"""What a look at a database found: plain data, which JSON holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Plain = str | int | float | None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Of the rows that were looked at. `types` maps integer, real, text, date ... to the share of values that are not
    null; `low` and `high` are of numbers, or of texts of one `format`; `top` holds (value, rows), most frequent first.

    `unread` is why nothing is known ("" where something is): all else is then empty.
    """

    name: str
    declared: str
    types: Mapping[str, float]
    distinct: int
    nulls: int
    low: Plain
    high: Plain
    longest: int
    format: str
    top: tuple[tuple[Plain, int], ...]
    unique: bool
    unread: str = ""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """`rows` is None where counting took too long; `looked_at` fewer than `rows` are the first the engine found.

    `primary` and `foreign` are declared; `unique` are the columns without a null or a repetition in what was seen.
    """

    name: str
    rows: int | None
    looked_at: int
    columns: tuple[ColumnFacts, ...]
    primary: tuple[str, ...]
    foreign: tuple[tuple[str, str], ...]
    unique: tuple[str, ...]

    @property
    def sampled(self) -> bool:
        return self.rows is None or self.rows > self.looked_at


@dataclass(frozen=True, slots=True)
class Join:
    """A join path that nobody declared: `share` of the looked-at values of `column` are in the other table's column.

    `named` where the names agree too; without that it may be a coincidence.
    """

    table: str
    column: str
    to_table: str
    to_column: str
    share: float
    values: int
    named: bool


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`notes` are sentences about what was sampled or left out."""

    tables: tuple[TableFacts, ...]
    joins: tuple[Join, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "DatabaseFacts":
        """From `as_json`. Raises ValueError on anything else."""
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(found)
