"""One column, looked at: what its values are, how many, from where to where."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time

from envs.catalogue import Column
from envs.engines import Connection
from envs.example import Engine
from envs.execution import Status
from envs.profile.formats import SORTED, format_of
from envs.profile.records import ColumnFacts, Plain
from envs.table_line import unquoted

LENGTH = 200
"""Characters of a text that are read."""
TOP = 5
"""Values that are named."""
_NAMES = ((bool, "boolean"), (int, "integer"), (float, "real"), (str, "text"), (bytes, "blob"))


def column_facts(
    connection: Connection, engine: Engine, table: str, column: Column, rows: int, seconds: float
) -> ColumnFacts:
    """Of the first `rows` rows of a table, whose name is as SQL writes it. Blobs are counted and not read."""
    first = f"SELECT {_read_as(column, engine)} AS v FROM {table} LIMIT {rows}"
    told = connection.execute(f"SELECT v, count(*) FROM ({first}) AS first_rows GROUP BY v", seconds, rows + 1)
    if told.status is not Status.OK:
        why = f"{told.status.value}: {told.message}" if told.message else told.status.value
        return ColumnFacts(unquoted(column.name), column.type, {}, 0, 0, None, None, 0, "", (), False, why)
    counts: dict[object, int] = {value: int(str(count)) for value, count in told.rows}
    return _facts(column, counts)


def _read_as(column: Column, engine: Engine) -> str:
    """The column without the end of its texts and the content of its blobs."""
    name, kind = column.name, column.type.upper()
    if engine == "sqlite":
        return f"CASE typeof({name}) WHEN 'blob' THEN x'' WHEN 'text' THEN substr({name}, 1, {LENGTH}) ELSE {name} END"
    if kind.startswith("BLOB"):
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE ''::BLOB END"
    return f"substr({name}, 1, {LENGTH})" if kind.startswith(("VARCHAR", "TEXT")) else name


def _facts(column: Column, counts: Mapping[object, int]) -> ColumnFacts:
    held = {value: count for value, count in counts.items() if value is not None}
    seen = sum(held.values())
    types: Counter[str] = Counter()
    for value, count in held.items():
        types[_type(value)] += count
    texts = [value for value in held if isinstance(value, str)]
    form = format_of(texts) if 2 * len(texts) > len(held) else ""
    numbers = [value for value in held if isinstance(value, int | float)]
    ordered = numbers or ([text for text in texts if text.strip()] if form in SORTED else [])
    best = sorted(held, key=lambda value: (-held[value], str(value)))[:TOP]
    repeated = any(count > 1 for count in held.values())
    nulls = counts.get(None, 0)
    blobs = "blob" in types
    return ColumnFacts(
        name=unquoted(column.name),
        declared=column.type,
        types={name: round(count / seen, 4) for name, count in sorted(types.items())},
        distinct=len(held),
        nulls=nulls,
        low=min(ordered, default=None),  # pyright: ignore[reportArgumentType]
        high=max(ordered, default=None),  # pyright: ignore[reportArgumentType]
        longest=max(map(len, texts), default=0),
        format=form,
        top=() if blobs or not repeated else tuple((_plain(value), held[value]) for value in best),
        unique=seen > 1 and not repeated and not nulls and not blobs,
    )


def _type(value: object) -> str:
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return "timestamp" if isinstance(value, datetime) else "date" if isinstance(value, date) else _other(value)


def _other(value: object) -> str:
    return "time" if isinstance(value, time) else type(value).__name__


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | float) else str(value)
