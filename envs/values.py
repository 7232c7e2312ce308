"""Database values in one normal form, whichever engine they come from."""

import datetime
import decimal
import json
from collections.abc import Iterable, Mapping
from typing import cast

from envs.execution import Value

Row = tuple[Value, ...]
_NORMAL = frozenset({type(None), int, float, str, bytes})


def normal(value: object) -> Value:
    """One value as None, int, float, str or bytes.

    Booleans are 1 and 0 and integral decimals are integers, as SQLite has them; other decimals are floats; dates and
    times are ISO text with a blank between the two; lists, structs and maps are JSON text; anything else is its text.
    """
    match value:
        case bool():
            return int(value)
        case None | int() | float() | str() | bytes():
            return value
        case bytearray() | memoryview():
            return bytes(cast(bytearray, value))
        case decimal.Decimal():
            if not value.is_finite():
                return float(value)
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list() | tuple() | dict():
            return json.dumps(_plain(cast(object, value)), ensure_ascii=False)
        case _:
            return str(value)


def normal_rows(rows: Iterable[Iterable[object]]) -> list[Row]:
    """Rows of equal length with every value in normal form; columns that are so already cost next to nothing."""
    found = [tuple(row) for row in rows]
    columns = list(zip(*found, strict=True))
    odd = [i for i, column in enumerate(columns) if not _NORMAL.issuperset(map(type, column))]
    if not odd:
        return cast(list[Row], found)
    for i in odd:
        columns[i] = tuple(map(normal, columns[i]))
    return cast(list[Row], list(zip(*columns, strict=True)))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast(Mapping[object, object], value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast(Iterable[object], value)]
    flat = normal(value)
    return flat.hex() if isinstance(flat, bytes) else flat
