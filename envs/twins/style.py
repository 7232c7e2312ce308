"""How one twin differs from the next."""

from dataclasses import dataclass
from random import Random

MOST = 60
"""Rows of a table."""
UNREAD = 6
"""Most rows of a table that the gold neither reads nor points at, where it is known what the gold reads."""
SIZES = ((8, 16), (4, 8), (16, 30), (6, 14))
"""Least and most rows of a table without parents, twin after twin."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one twin differs from the next: its size, its shares of cells that fulfil (`hit`) or just miss (`near`) the
    gold's conditions and of columns with few values, and whether there are NULLs. Where `absent` is not 0 nothing
    fulfils them: numbers are all below (-1) or all above (1) those that the gold names.
    """

    low: int
    high: int
    hit: float
    near: float
    repeat: float
    nulls: bool
    absent: int


def style_of(number: int, rng: Random) -> Style:
    """The style of twin `number`: sizes in turn, NULLs in every second, one in eight without what the gold names."""
    low, high = SIZES[number % len(SIZES)]
    absent = (-1, 1)[number // 8 % 2] if number % 8 == 5 else 0
    hit = 0.0 if absent else rng.choice((0.2, 0.35, 0.5))
    return Style(low, high, hit, 0.0 if absent else 0.15, rng.choice((0.3, 0.5, 0.7)), number % 2 == 1, absent)
