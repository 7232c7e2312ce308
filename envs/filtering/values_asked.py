"""Which columns hold a value that stands in the question, word for word."""

import math
import re
from collections.abc import Iterable, Sequence

from envs.filtering.words import terms

_WORD = re.compile(r"\w+")
MOST_WORDS = 6
"""Words of a value that is looked for."""
QUIET = 0.5
"""What one word in lower case counts, beside 1 for several words, a capital, a sign or a number of four digits."""


class ValueIndex:
    """`columns` gives for each column, by its number, the texts that it holds."""

    def __init__(self, columns: Iterable[tuple[int, Iterable[str]]]) -> None:
        self._columns: dict[str, set[int]] = {}
        self._all = set[int]()
        for column, texts in columns:
            self._all.add(column)
            for text in texts:
                words = _WORD.findall(text.lower())
                if 0 < len(words) <= MOST_WORDS:
                    self._columns.setdefault(" ".join(words), set()).add(column)

    def found(self, question: str) -> list[tuple[str, float, Sequence[int]]]:
        """The longest values in a question that do not overlap: value, weight, its columns in their order.

        The weight is the idf over columns: what stands in one column tells more than what stands in many.
        """
        words = _WORD.findall(question)
        taken: set[int] = set()
        found: dict[str, tuple[str, float, Sequence[int]]] = {}
        for length in range(min(MOST_WORDS, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                place = range(start, start + length)
                shown = words[start : start + length]
                value = " ".join(shown).lower()
                if value not in self._columns or not taken.isdisjoint(place) or not _tells(shown):
                    continue
                taken.update(place)
                columns = sorted(self._columns[value])
                weight = math.log(1 + len(self._all) / len(columns)) * _loudness(shown, start)
                found.setdefault(value, (value, weight, columns))
        return list(found.values())


def _tells(words: Sequence[str]) -> bool:
    """Not a letter, a number below 1000, or words that every question has."""
    if len(words) == 1 and words[0].isdigit() and len(words[0]) < 4:
        return False
    return any(len(term) >= 3 for term in terms(" ".join(words)))


def _loudness(words: Sequence[str], start: int) -> float:
    loud = len(words) > 1 or not words[0].isalpha() or (start > 0 and words[0] != words[0].lower())
    return 1.0 if loud else QUIET
