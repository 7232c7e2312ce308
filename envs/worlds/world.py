"""A world: a small relational database drawn from a domain, with its rows and the words people use for its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from envs.worlds import words

Cell = str | int | float | None
INVENTED = {
    "name": words.proper_name,
    "person": words.person,
    "place": words.place,
    "code": words.code,
    "date": words.date,
}
LABELS = ("name", "person")
SQL_TYPES = {"key": "INTEGER", "int": "INTEGER", "year": "INTEGER", "real": "REAL", "date": "DATE"}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is key, foreign, of (a category), int, real, year, or a kind of invented text; `phrase` is its English."""

    name: str
    kind: str
    phrase: str
    most: str = ""
    least: str = ""
    choices: tuple[Any, ...] = ()

    @property
    def numeric(self) -> bool:
        return self.kind in ("int", "real", "year")


@dataclass(frozen=True, slots=True)
class Table:
    """`parents` maps a foreign key column to the table it points at; rows are in column order."""

    name: str
    noun: str
    plural: str
    columns: tuple[Column, ...]
    parents: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: tuple[tuple[Cell, ...], ...] = ()

    @property
    def key(self) -> str:
        return self.columns[0].name

    @property
    def label(self) -> Column | None:
        """The column that names a row of this table, where it has one."""
        return next((c for c in self.columns if c.kind in LABELS), None)

    def of_kind(self, *kinds: str) -> list[Column]:
        return [c for c in self.columns if c.kind in kinds]

    def cells(self, column: Column) -> list[Cell]:
        at = self.columns.index(column)
        return [row[at] for row in self.rows if row[at] is not None]

    def ddl(self) -> str:
        parts: list[str] = []
        for column in self.columns:
            text = f"{column.name} {SQL_TYPES.get(column.kind, 'TEXT')}"
            if column.kind == "key":
                text += " PRIMARY KEY"
            elif column.kind == "foreign":
                text = f"{column.name} INTEGER REFERENCES {self.parents[column.name]}"
            parts.append(text)
        return f"CREATE TABLE {self.name} ({', '.join(parts)});"

    def inserts(self) -> str:
        values = ", ".join("(" + ", ".join(literal(cell) for cell in row) + ")" for row in self.rows)
        return f"INSERT INTO {self.name} VALUES {values};"


@dataclass(frozen=True, slots=True)
class World:
    domain: str
    tables: tuple[Table, ...]

    def __getitem__(self, name: str) -> Table:
        return next(t for t in self.tables if t.name == name)

    @property
    def schema(self) -> str:
        return "\n".join(t.ddl() for t in self.tables)

    @property
    def script(self) -> str:
        return "\n".join([t.ddl() for t in self.tables] + [t.inserts() for t in self.tables])

    def links(self) -> list[tuple[Table, str, Table]]:
        """Every (child, foreign key column, parent)."""
        return [(t, column, self[parent]) for t in self.tables for column, parent in t.parents.items()]


def literal(cell: Cell) -> str:
    """The SQL literal of a value."""
    if cell is None:
        return "NULL"
    return "'" + cell.replace("'", "''") + "'" if isinstance(cell, str) else str(cell)


def draw(domain: str, vocabulary: Mapping[str, Any], rng: Random) -> World:
    """One database of a domain: some of its tables, some of their columns, and rows.

    `vocabulary` is a domain as written in `domains.yaml`: table name -> noun, belongs_to, columns.
    """
    chosen = [name for name in vocabulary if rng.random() < 0.75] or [rng.choice(list(vocabulary))]
    if len(vocabulary) > 1 and rng.random() < 0.8:
        child = rng.choice([n for n in vocabulary if vocabulary[n].get("belongs_to")] or chosen)
        chosen = list(dict.fromkeys([*chosen, child, *vocabulary[child].get("belongs_to", [])]))
    chosen.sort(key=lambda name: len(vocabulary[name].get("belongs_to", [])))
    tables: list[Table] = []
    for name in chosen:
        tables.append(_table(name, vocabulary, [t for t in tables], rng))
    rng.shuffle(tables)
    return World(domain, tuple(tables))


def _table(name: str, vocabulary: Mapping[str, Any], earlier: list[Table], rng: Random) -> Table:
    entry = vocabulary[name]
    noun: str = entry["noun"]
    columns = [Column(noun.replace(" ", "_").replace("-", "_") + "_id", "key", f"{noun} id")]
    parents: dict[str, str] = {}
    for parent in entry.get("belongs_to", []):
        target = next((t for t in earlier if t.name == parent), None)
        if target is not None:
            columns.append(Column(target.key, "foreign", f"{target.noun} id"))
            parents[target.key] = parent
    own = [_column(key, spec) for key, spec in entry["columns"].items()]
    kept = [c for c in own if c.kind in LABELS or rng.random() < 0.8]
    rest = kept if len(kept) > 1 else own
    if rng.random() < 0.3:
        rng.shuffle(rest)
    columns += rest
    size = rng.randint(12, 24) if parents else rng.randint(6, 14)
    holey = {c.name for c in rest if c.numeric and rng.random() < 0.1}
    taken: set[Cell] = set()
    rows = tuple(tuple(_cell(c, i, earlier, parents, taken, holey, rng) for c in columns) for i in range(1, size + 1))
    return Table(name, noun, plural_of(name, noun), tuple(columns), parents, rows)


def plural_of(name: str, noun: str) -> str:
    """What people call many rows of a table: its noun and an s, or the table's own name where that is another."""
    regular = name.replace("_", "").lower() == noun.replace(" ", "") + "s"
    return noun + "s" if regular else name.replace("_", " ").lower()


def _column(name: str, spec: Any) -> Column:
    words_of_name = name.replace("_", " ")
    if isinstance(spec, str):
        return Column(name, spec, words_of_name)
    kind = next((k for k in ("of", "int", "real", "year") if k in spec), None) or spec["type"]
    return Column(
        name,
        kind,
        spec.get("phrase", words_of_name),
        spec.get("most", ""),
        spec.get("least", ""),
        tuple(spec.get(kind, ())),
    )


def _cell(
    column: Column,
    number: int,
    earlier: list[Table],
    parents: Mapping[str, str],
    taken: set[Cell],
    holey: set[str],
    rng: Random,
) -> Cell:
    if column.kind == "key":
        return number
    if column.kind == "foreign":
        target = next(t for t in earlier if t.name == parents[column.name])
        return rng.randint(1, max(2, len(target.rows) - 2))
    if column.kind == "of":
        return str(rng.choice(column.choices))
    if column.numeric:
        low, high = column.choices
        if column.name in holey and rng.random() < 0.15:
            return None
        return round(rng.uniform(low, high), 1) if column.kind == "real" else rng.randint(int(low), int(high))
    value = INVENTED[column.kind](rng)
    while column.kind in LABELS and value in taken:
        value = INVENTED[column.kind](rng)
    taken.add(value)
    return value
