"""A question without what it is about: "How many singers are from France?" asks like "How many boats are from 1912?".

Names of the schema and values give way to signs, and what is left is the way of asking. The idea is the masked question
similarity of Guo et al. (2023, arXiv:2304.13301) and DAIL-SQL (Gao et al., 2023, arXiv:2308.15363), which mask what a
schema linker found and compare embeddings; here names are met by their stems, and words are counted.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from envs.catalogue_text import catalogue_of
from envs.filtering.words import stem, terms

_PIECE = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[<>=%?]")
TABLE, COLUMN, VALUE = "[table]", "[column]", "[value]"


def masked(question: str, schema: str) -> list[str]:
    """Stems and signs in the order of the question; a sign stands once for several words in a row."""
    tables, columns = _stems(schema)
    found: list[str] = []
    for at, match in enumerate(_PIECE.finditer(question)):
        text = match[0]
        root = stem(text.lower())
        if text[0] in "\"'" or text[0].isdigit():
            sign = VALUE
        elif root in tables:
            sign = TABLE
        elif root in columns:
            sign = COLUMN
        elif at and text[0].isupper():
            sign = VALUE
        else:
            sign = root
        if not (sign.startswith("[") and found and found[-1] == sign):
            found.append(sign)
    return found


def features(question: str, schema: str) -> list[str]:
    """What BM25 counts: the masked words, and pairs of neighbours, which keep "more than" and "than more" apart."""
    words = masked(question, schema)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def _stems(schema: str) -> tuple[frozenset[str], frozenset[str]]:
    tables = catalogue_of(schema).tables

    def of(names: Iterable[str]) -> frozenset[str]:
        return frozenset(term for name in names for term in terms(name))

    return of(table.name for table in tables), of(column.name for table in tables for column in table.columns)
