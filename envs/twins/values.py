"""Values like those of a column: its own, and fresh ones of the same shape and within the same range."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

from envs.execution import Value
from envs.twins.records import Column

CLOSED = 12
"""A column with at most this many values, some met more than once, is a list of choices: nothing is invented."""
IDENTIFIERS = 20
"""Whole-number keys are drawn from a range this wide at least, the same for all tables, so that they meet by chance."""
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty", "knoll", "larch")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def kind_of(column: Column) -> str:
    """The kind of value to make: as seen, and where nothing was seen by the rules of the declared type."""
    if column.kind != "none":
        return column.kind
    declared = column.type.upper()
    for kind, words in _DECLARED.items():
        if any(word in declared for word in words):
            return kind
    return "text"


_SPECIAL = ("ENUM", "UUID", "STRUCT", "MAP(", "[]", "INTERVAL", "JSON")
_DECLARED = {
    "text": ("CHAR", "TEXT", "CLOB", "STRING", "DATE", "TIME", *_SPECIAL),
    "int": ("INT", "SERIAL", "BOOL", "YEAR"),
    "blob": ("BLOB", "BINARY", "BYTEA"),
    "real": ("REAL", "FLOA", "DOUB", "NUM", "DEC", "MONEY"),
}


def maker(column: Column, rng: Random) -> Callable[[], Value]:
    """A function that draws one value: half the time one of the column's own, always if these are choices."""
    sample, kind = column.sample, kind_of(column)
    if kind == "blob":
        return lambda: None
    if not sample:
        return lambda: _invented(column, kind, rng)
    numbers = [v for v in sample if isinstance(v, int | float)]
    if is_choice(column):
        return lambda: rng.choice(sample)
    if kind == "int" and numbers:
        low, high = int(min(numbers)), int(max(numbers))
        return lambda: rng.choice(sample) if rng.random() < 0.5 else rng.randint(low, high)
    if kind == "real" and numbers:
        low, high, whole = min(numbers), max(numbers), all(float(n).is_integer() for n in numbers)
        return lambda: _stepped(rng.choice(numbers) if rng.random() < 0.5 else rng.uniform(low, high), whole)
    texts = [v for v in sample if isinstance(v, str)] or [""]
    return lambda: rng.choice(sample) if rng.random() < 0.7 or not free(column) else alike(texts, rng)


def distinct(column: Column, count: int, rng: Random, taken: Sequence[Value] = ()) -> list[Value]:
    """Up to `count` different values, `taken` first; fewer where the column's type allows no invention."""
    found: dict[Value, None] = dict.fromkeys(taken[:count])
    draw = maker(column, rng)
    for _ in range(4 * count):
        if len(found) == count:
            break
        value = draw()
        if value is not None:
            found[value] = None
    kind, number = kind_of(column), 0
    while len(found) < count and kind != "blob" and (kind != "text" or free(column)):
        number += 1
        if kind == "text":
            stem = next((str(v) for v in found if v), "word")
            found[f"{stem} {number}" if not stem.isdigit() else str(int(stem) + number)] = None
        else:
            highest = max((v for v in found if isinstance(v, int | float)), default=0)
            found[highest + number if kind == "int" else exact(highest + number)] = None
    return list(found)


def identifiers(column: Column, count: int, rng: Random, taken: Sequence[Value] = ()) -> list[Value]:
    """Different values for a key: small whole numbers for a whole-number one, else as `distinct`."""
    if kind_of(column) != "int":
        return distinct(column, count, rng, taken)
    found = dict.fromkeys(taken[:count])
    for number in rng.sample(range(1, max(IDENTIFIERS, 2 * count) + 1), count):
        if len(found) < count:
            found[number] = None
    return list(found)


def converted(value: Value, column: Column) -> Value:
    """A value as the column stores it: '7' and 7 are one key to SQLite and two kinds of value."""
    kind = kind_of(column)
    if isinstance(value, int | float) and kind == "text":
        return str(value)
    if isinstance(value, str) and kind in ("int", "real"):
        try:
            return int(value) if kind == "int" else float(value)
        except ValueError:
            return value
    return float(value) if isinstance(value, int) and kind == "real" else value


def planted(wanted: Sequence[Value], column: Column) -> list[Value]:
    """The values of these that the column can hold, as it stores them."""
    found = [converted(v, column) for v in wanted]
    if kind_of(column) in ("int", "real"):
        return [v for v in found if isinstance(v, int | float) or v in column.sample]
    if any(w in column.type.upper() for w in _SPECIAL):
        return [v for v in found if v in column.sample]
    own = [v for v in column.sample if isinstance(v, str)]
    if any(w in column.type.upper() for w in ("DATE", "TIME")) and all(map(_is_time, own)):
        return [v for v in found if isinstance(v, str) and _is_time(v)]
    return found


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def exact(value: float) -> float:
    """The nearest eighth: sums of such numbers are the same in any order. Large or tiny numbers stay as they are."""
    near = round(value * 8) / 8
    return near if 1 <= abs(value) < 1e9 or near == value else value


def _stepped(value: float, whole: bool) -> float:
    return float(round(value)) if whole else exact(float(value))


def free(column: Column) -> bool:
    """Whether the column takes any text; not so for an enumeration, a date or a list in DuckDB."""
    if column.kind == "text" and column.sample and any(w in column.type.upper() for w in ("DATE", "TIME")):
        return False
    return not any(w in column.type.upper() for w in _SPECIAL)


def is_choice(column: Column) -> bool:
    """Whether the column seems to hold one of a few choices, or takes no invented text."""
    return (0 < column.seen <= CLOSED and not column.distinct) or not free(column)


def alike(texts: Sequence[str], rng: Random) -> str:
    """A text shaped like these: a number, a day, or the start of one and the end of another."""
    text = rng.choice(texts)
    if text.isdigit():
        numbers = [int(t) for t in texts if t.isdigit() and len(t) < 12]
        return str(rng.randint(min(numbers), max(numbers))) if numbers else text
    if day := _DAY.match(text):
        return text.replace(day[0], str(date(int(day[0][:4]), 1, 1) + timedelta(days=rng.randrange(365))), 1)
    start, end = text.split(" "), rng.choice(texts).split(" ")
    return " ".join([*start[: max(1, len(start) // 2)], *end[len(end) // 2 or 1 :]]) if len(start) > 1 else text


def _invented(column: Column, kind: str, rng: Random) -> Value:
    if kind == "int":
        return rng.randint(0, 1) if "BOOL" in column.type.upper() else rng.randint(1, 30)
    if kind == "real":
        return rng.randint(1, 400) / 4
    if any(w in column.type.upper() for w in ("DATE", "TIME")):
        return str(date(rng.randint(2010, 2023), 1, 1) + timedelta(days=rng.randrange(365)))
    return rng.choice(_WORDS) if free(column) else None
