"""Names and questions as words: `DeptID`, `dept_id` and "the ids of departments" share two."""

import re
from functools import lru_cache

_PIECE = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")
_STOP_TEXT = (
    "a about all an and any are as at be been between but by can did do does each every find for from get give had has "
    "have how i in is it its list many me more most much of on one or out return show tell than that the their them "
    "there these they this those to was we were what when where which who whose will with you your"
)
_STOP = frozenset(_STOP_TEXT.split())
PREFIX = 3
"""Letters that a beginning must have to stand for a word."""
INSIDE = 4
"""Letters that a word must have to be found inside a glued name."""


def words(text: str) -> tuple[str, ...]:
    """The words of a name, a meaning or a question in lower case, in their order, without those that say nothing."""
    pieces = (piece.lower() for piece in _PIECE.findall(text))
    return tuple(piece for piece in pieces if piece not in _STOP)


def terms(text: str) -> tuple[str, ...]:
    """The stems of its words."""
    return tuple(map(stem, words(text)))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The word without its ending (Porter, 1980, as nltk has it, which rouge-score brings)."""
    from nltk.stem.porter import PorterStemmer  # pyright: ignore

    return str(PorterStemmer().stem(word))  # pyright: ignore


def likeness(asked: str, named: str) -> float:
    """How surely a stem in a name stands for a word of a question, in [0, 1].

    1 for the word's own stem; less for a beginning (`stu`, or `customerid` for customer), for a word inside a glued
    name, and for some letters of the word in their order, the first among them (`dept`, `mgr`).
    """
    whole, asked = asked, stem(asked)
    if asked == named:
        return 1.0
    if asked.isdigit() or named.isdigit():
        return 0.0
    short, long = sorted((asked, named), key=len)
    if len(short) >= PREFIX and long.startswith(short):
        return 0.6
    if len(asked) >= INSIDE and asked in named:
        return 0.5
    if PREFIX <= len(named) <= len(whole) / 2 and named[0] == whole[0] and _in_order(named, whole):
        return 0.3
    return 0.0


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)
