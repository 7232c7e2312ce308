"""How one value may be written in several ways: numbers rounded, dates and times, the parts of a string aggregate."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from envs import gate
from envs.execution import Value

DIGITS = 9
"""A gold with more decimals than this shows its noise, not its precision."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?")
Column = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How to read a column: numbers to so many decimals, strings as parts of an aggregate. None: as they are."""

    decimals: int | None = None
    separator: str | None = None


def read(column: Column, look: Look) -> Column:
    """The column with each value in one normal form."""
    return tuple(_value(value, look) for value in column)


def _value(value: Value, look: Look) -> Value:
    if isinstance(value, int | float):
        return value if look.decimals is None else _rounded(value, look.decimals)
    if not isinstance(value, str):
        return value
    return _instant(value) if look.separator is None else _parts(value, look.separator)


def _rounded(value: float, decimals: int) -> float:
    """Half away from zero, as SQL rounds; an integer stays one."""
    if isinstance(value, int) or not math.isfinite(value) or abs(value) >= 1e15:
        return value
    scaled = abs(value) * 10**decimals % 1
    if abs(scaled - 0.5) > 1e-3:
        return round(value, decimals)
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _instant(text: str) -> str:
    """A date, or a date and a time to the last digit that is not zero; other text as it is."""
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    day, minutes, seconds, fraction = match.groups()
    fraction = (fraction or "").rstrip("0")
    time = f"{minutes or '00:00'}:{seconds or '00'}" + (f".{fraction}" if fraction else "")
    return day if time == "00:00:00" else f"{day} {time}"


def _parts(text: str, separator: str) -> str:
    if text.startswith("["):
        try:
            return json.dumps(sorted(json.dumps(part) for part in json.loads(text)))
        except (ValueError, TypeError, RecursionError):
            pass
    return separator.join(sorted(text.split(separator))) if separator else "".join(sorted(text))


def shown_decimals(column: Column) -> int | None:
    """The most decimals that a float of the column shows; None where it has no float or shows all it knows."""
    shown = [_shown(value) for value in column if isinstance(value, float) and math.isfinite(value)]
    return max(shown) if shown and max(shown) <= DIGITS else None


def _shown(value: float) -> int:
    exponent = Decimal(repr(value)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@lru_cache(maxsize=256)
def rounded_columns(gold_sql: str, dialect: str) -> Mapping[int, int]:
    """The columns that the gold itself rounds, and to how many decimals."""
    from sqlglot import exp

    root = gate.parse(gold_sql, dialect)
    while isinstance(root, exp.Subquery):
        root = root.this
    found: dict[int, int] = {}
    for i, column in enumerate(root.expressions if isinstance(root, exp.Select) else []):
        shown = column.unalias()
        while isinstance(shown, exp.Paren | exp.Cast):
            shown = shown.this
        if column.is_star:
            return {}
        if isinstance(shown, exp.Round):
            decimals = shown.args.get("decimals")
            if decimals is None or (isinstance(decimals, exp.Literal) and decimals.is_int):
                found[i] = 0 if decimals is None else min(int(decimals.name), DIGITS)
    return found
