"""Literals of a query as values, and the values beside them that tell one comparison from the next."""

import re
from datetime import date, timedelta

from sqlglot import exp

from envs.execution import Value
from envs.twins.records import Profile
from envs.twins.scope import text_of

FILLING = ("ab", "x")
"""What a wildcard of a pattern stands for in planted text."""
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def value_of(node: exp.Expr, profile: Profile) -> Value:
    """The value of a literal, signed or not; None for anything else."""
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        value = value_of(node.this, profile)
        return -value if isinstance(value, int | float) else None
    if isinstance(node, exp.Paren | exp.Cast):
        return value_of(node.this, profile)
    text = text_of(node, profile)
    if text is not None:
        return text
    if isinstance(node, exp.Literal):
        try:
            return int(node.name)
        except ValueError:
            try:
                return float(node.name)
            except ValueError:
                return None
    return None


def neighbours(value: Value) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The value itself, and the nearest values below and above it: whole numbers, or days for a date."""
    if isinstance(value, int):
        return (value,), (value - 1, value + 1)
    if isinstance(value, float):
        return (value,), (value - 0.5, value + 0.5)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return (value,), _days(value)
        step = int(number) if number.is_integer() and "." not in value else number
        return (value,), (str(step - 1), str(step + 1))
    return (), ()


def matches(pattern: str) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Texts that a LIKE pattern matches, with text and without at each of its wildcards, and some it just misses."""
    one = pattern.replace("_", "a")
    words = one.split("%")
    core = max(words, key=len)
    good = [one.replace("%", filling) for filling in FILLING]
    good.append(one.replace("%", ""))
    bad: list[str] = []
    if one.startswith("%"):
        good.append(FILLING[0] + one[1:].replace("%", ""))
    else:
        bad.append(FILLING[0] + one.replace("%", ""))
    if one.endswith("%"):
        good.append(one[:-1].replace("%", "") + FILLING[0])
    else:
        bad.append(one.replace("%", "") + FILLING[0])
    if len(core) > 2:
        bad.append(one.replace("%", FILLING[0]).replace(core, core[:-1]))
    return tuple(dict.fromkeys(good)), tuple(dict.fromkeys(b for b in bad if b not in good))


def liked(text: str, pattern: str) -> bool:
    """Whether a LIKE pattern matches, in any case of letters."""
    rule = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch(rule, text, re.IGNORECASE | re.DOTALL) is not None


def _days(text: str) -> tuple[Value, ...]:
    found = _DAY.match(text)
    if not found:
        return ()
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        return tuple(text.replace(found[0], str(day + timedelta(days=step)), 1) for step in (-1, 1))
    except (ValueError, OverflowError):
        return ()
