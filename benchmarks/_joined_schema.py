"""The databases of a task as one schema of hundreds of tables, and what the golds of its questions need of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from envs import gate
from envs.catalogue import Catalogue, ForeignKey, Table
from envs.catalogue_text import catalogue_of, written
from envs.example import Example
from envs.explore.shown import shown, used
from envs.filtering.held_values import held_values
from envs.filtering.ranking import Place
from envs.table_line import unquoted


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; `tables` and `columns` are what its gold reads, by their numbers in the joined schema."""

    text: str
    database: str
    tables: frozenset[int]
    columns: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Joined:
    """The schema, the values of its columns, and the questions whose golds could be read; how many could not."""

    catalogue: Catalogue
    values: dict[Place, list[str]]
    questions: tuple[Asked, ...]
    left_out: int


def joined(examples: Sequence[Example], prefix: str) -> Joined:
    """`prefix` is what keeps two tables of one name apart: `number` (d017_people), which says nothing, or `name` of the
    database (`perpetrator_people`), as a warehouse may have it."""
    first: dict[str, Example] = {}
    for example in examples:
        if example.schema:
            first.setdefault(example.schema_id, example)
    tables: list[Table] = []
    values: dict[Place, list[str]] = {}
    at: dict[str, dict[str, int]] = {}
    for number, name in enumerate(sorted(first)):
        sign = f"d{number:03}" if prefix == "number" else name
        catalogue = catalogue_of(first[name].schema)
        begin = len(tables)
        values |= {(begin + i, j): texts for (i, j), texts in held_values(first[name].database, catalogue).items()}
        at[name] = {table.plain: begin + i for i, table in enumerate(catalogue.tables)}
        tables += [_renamed(table, sign) for table in catalogue.tables]
    whole = Catalogue(tuple(tables))
    columns = [{column.plain: j for j, column in enumerate(table.columns)} for table in tables]
    questions = [found for example in examples if (found := _asked(example, at, columns))]
    return Joined(whole, values, tuple(questions), len(examples) - len(questions))


def half_of(database: str) -> str:
    """`chosen` for the half of the databases on which weights were chosen, `reported` for the others."""
    return "chosen" if hashlib.sha256(database.encode()).digest()[0] % 2 else "reported"


def _renamed(table: Table, sign: str) -> Table:
    def name(one: str) -> str:
        return written(f"{sign}_{unquoted(one)}")

    foreign = tuple(ForeignKey(key.columns, name(key.table), key.to) for key in table.foreign)
    return replace(table, name=name(table.name), foreign=foreign)


def _asked(example: Example, at: dict[str, dict[str, int]], columns: Sequence[dict[str, int]]) -> Asked | None:
    if example.schema_id not in at:
        return None
    root = gate.parse(example.gold_sql, example.dialect)
    if isinstance(root, str):
        return None
    tables, read = used(root, shown(example.schema, example.dialect))
    here = at[example.schema_id]
    found: Iterable[tuple[int, str]] = ((here[table], column) for table, column in read if table in here)
    places = frozenset((i, columns[i][column]) for i, column in found if column in columns[i])
    numbers = frozenset(here[table] for table in tables if table in here)
    text = f"{example.question} {example.evidence}".strip()
    return Asked(text, example.schema_id, numbers, places) if numbers else None
