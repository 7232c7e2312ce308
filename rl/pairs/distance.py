"""How far apart two queries are as they are written."""

from functools import lru_cache

from envs.lexical import tokens


@lru_cache(maxsize=4_096)
def words(sql: str) -> tuple[str, ...]:
    """The tokens of a query without blanks and comments, in lower case outside quotes."""
    found = ((one.kind, sql[one.start : one.end]) for one in tokens(sql))
    return tuple(
        text if kind in ("string", "name") else text.lower()
        for kind, text in found
        if kind not in ("space", "comment", "semicolon")
    )


@lru_cache(maxsize=65_536)
def distance(one: str, other: str) -> int:
    """Tokens to insert, delete or replace to make one of the other (Levenshtein, 1966)."""
    a, b = words(one), words(other)
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    end = next((i for i, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[: len(a) - end], b[: len(b) - end]
    before = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        row = [i]
        for j, mate in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (word != mate)))
        before = row
    return before[-1]
