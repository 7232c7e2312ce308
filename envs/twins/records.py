"""What is known of a database, as frozen records that turn into JSON and back."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.engines import Result
from envs.execution import Value
from envs.twins.declarations import Reference


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is int, real, text, blob or none (nothing seen); `nulls` is the share of NULLs.

    `distinct` says that no value was seen twice; `seen` counts the distinct values among the rows looked at,
    of which `sample` holds some.
    """

    name: str
    type: str
    kind: str
    nulls: float
    distinct: bool
    seen: int
    sample: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`primary` and `unique` are declared; `references` are foreign keys with the parent's columns always named."""

    name: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    references: tuple[Reference, ...]
    rows: int

    def column(self, name: str) -> Column | None:
        """The column of that name, in any case of letters."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Profile:
    """`views` are the CREATE VIEW statements of the database."""

    tables: tuple[Table, ...]
    views: tuple[str, ...] = ()

    def table(self, name: str) -> Table | None:
        """The table of that name, in any case of letters."""
        return next((t for t in self.tables if t.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Twin:
    """A copy of a database whose rows fix the gold's answer; `ordered` says that they fix its order as well."""

    script: str
    ordered: bool


Run = Callable[[str, Sequence[str]], Sequence[Result]]
"""Builds a database from a script and runs each query on it; where there is no answer, a status says why."""


def to_json(profile: Profile) -> dict[str, Any]:
    """As lists, dictionaries and numbers."""
    return asdict(profile)


def from_json(data: dict[str, Any]) -> Profile:
    """The profile that `to_json` wrote."""
    tables: list[Table] = []
    for t in data["tables"]:
        columns = tuple(_column(c) for c in t["columns"])
        references = tuple(Reference(tuple(r["columns"]), r["parent"], tuple(r["to"])) for r in t["references"])
        unique = tuple(tuple(key) for key in t["unique"])
        tables.append(Table(t["name"], columns, tuple(t["primary"]), unique, references, t["rows"]))
    return Profile(tuple(tables), tuple(data["views"]))


def _column(data: dict[str, Any]) -> Column:
    changed: dict[str, Any] = {**data, "sample": tuple(data["sample"])}
    return Column(**changed)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
