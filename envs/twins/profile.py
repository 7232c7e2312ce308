"""What the generator knows of a database: its tables, keys, the kinds of values in each column, and a sample of them.

It is small, frozen and plain data, so that a worker that may open the database can send it to one that may not.
"""

from collections.abc import Sequence
from dataclasses import replace

from envs import lexical
from envs.engines import Connection
from envs.execution import Status, Value
from envs.twins import declarations, links
from envs.twins.declarations import Declared, Reference
from envs.twins.records import Column, Profile, Table, quoted

ROWS = 4_000
"""Rows of each table that are looked at; what they show is taken for what the table holds."""
SAMPLE = 200
SECONDS = 2.0
"""For each question asked of the database."""
LONGEST_TEXT = 200
"""Characters; longer values are left out of the sample."""


def profile(connection: Connection) -> Profile:
    """Look at a database. Every table costs two queries, of at most `SECONDS` each."""
    declared = [d for line in lexical.lines(connection.schema()) if (d := declarations.read(line))]
    unique, views = _kept_texts(connection)
    tables: list[Table] = []
    for table in declared:
        found = connection.execute(f"SELECT * FROM {quoted(table.name)} LIMIT {ROWS}", SECONDS, ROWS)
        counted = connection.execute(f"SELECT count(*) FROM {quoted(table.name)}", SECONDS, 1)
        cells = {name.lower(): [row[i] for row in found.rows] for i, name in enumerate(found.names)}
        columns = tuple(_column(name, kind, cells.get(name.lower(), [])) for name, kind in table.columns)
        rows = counted.rows[0][0] if counted.rows else len(found.rows)
        keys = tuple(dict.fromkeys((*table.unique, *unique.get(table.name.lower(), []))))
        assert isinstance(rows, int)
        tables.append(Table(table.name, columns, table.primary, keys, _references(table, declared), rows))
    more = links.guessed(connection, tables)
    return Profile(tuple(replace(t, references=t.references + more.get(t.name, ())) for t in tables), views)


def _column(name: str, declared: str, cells: Sequence[Value]) -> Column:
    kinds = [k for v in cells if (k := _kind(v)) != "none"]
    kind = max(("int", "real", "text", "blob"), key=kinds.count) if kinds else "none"
    if kind == "int" and "real" in kinds:
        kind = "real"
    values = list(dict.fromkeys(v for v in cells if v is not None))
    short = [v for v in values if not isinstance(v, bytes) and len(str(v)) <= LONGEST_TEXT and v == v]
    step = max(1, len(short) // SAMPLE)
    nulls = cells.count(None) / len(cells) if cells else 0.0
    return Column(name, declared, kind, nulls, len(values) == len(kinds), len(values), tuple(short[::step][:SAMPLE]))


def _kind(value: Value) -> str:
    names = {int: "int", float: "real", str: "text", bytes: "blob"}
    return next((name for of, name in names.items() if isinstance(value, of)), "none")


def _references(table: Declared, declared: Sequence[Declared]) -> tuple[Reference, ...]:
    """The foreign keys that can be kept: their parents exist and have the columns."""
    found: list[Reference] = []
    for key in table.references:
        parent = next((d for d in declared if d.name.lower() == key.parent.lower()), None)
        if parent is None:
            continue
        to = key.to or parent.primary
        there = {name.lower() for name, _ in parent.columns}
        if len(to) == len(key.columns) and all(name.lower() in there for name in to):
            found.append(Reference(key.columns, parent.name, to))
    return tuple(found)


def _kept_texts(connection: Connection) -> tuple[dict[str, list[tuple[str, ...]]], tuple[str, ...]]:
    """Unique keys by table (lower case) and the text of the views; both engines keep them under this name."""
    found = connection.execute("SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL", SECONDS, 10_000)
    unique: dict[str, list[tuple[str, ...]]] = {}
    views: list[str] = []
    for kind, sql in found.rows if found.status is Status.OK else ():
        text = str(sql)
        if kind == "view":
            views.append(text.rstrip().rstrip(";"))
        elif kind == "table" and (table := declarations.read(text)):
            unique.setdefault(table.name.lower(), []).extend(table.unique)
        elif index := declarations.unique_index(text):
            unique.setdefault(index[0].lower(), []).append(index[1])
    return unique, tuple(views)
