"""SQL as a stream of tokens, without a parser: where strings, comments and brackets are.

Linear in the length of any text, and it never raises: what is left open (a quote, a comment) runs to the end.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<string>'(?:[^']++|'')*+'?)
      | (?P<name>"(?:[^"]++|"")*+"?|`[^`]*+`?)
      | (?P<comment>--[^\n]*+|/\*.*?(?:\*/|\Z))
      | (?P<space>\s++)
      | (?P<semicolon>;)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<word>[^\W\d]\w*+)
      | (?P<other>[^\s'"`;()\[\]{}/\w-]++|\d\w*+|.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """`kind` is string, name (quoted), comment, space, semicolon, open, close, word or other."""

    kind: str
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of `text` from `start`; together they cover every character."""
    for match in _TOKEN.finditer(text, start):
        yield Token(match.lastgroup or "other", match.start(), match.end())


def trimmed(sql: str) -> str:
    """`sql` without the semicolons, comments and blanks at its end and the semicolons and blanks at its start."""
    start, end = len(sql), 0
    for token in tokens(sql):
        if token.kind not in ("space", "semicolon"):
            start = min(start, token.start)
        if token.kind not in ("space", "semicolon", "comment"):
            end = token.end
    return sql[start:end]


def depth(sql: str) -> int:
    """How deep brackets nest, outside strings and comments."""
    now = deepest = 0
    for token in tokens(sql):
        if token.kind == "open":
            now += 1
            deepest = max(deepest, now)
        elif token.kind == "close":
            now -= 1
    return deepest


def unwrapped(sql: str) -> str:
    """`(SELECT ...)` without the brackets around the whole of it, which SQLite does not accept and DuckDB does."""
    while sql.startswith("("):
        now = 0
        for token in tokens(sql):
            now += (token.kind == "open") - (token.kind == "close")
            if now == 0:
                break
        else:
            return sql
        if token.end != len(sql):
            return sql
        sql = sql[1:-1].strip()
    return sql
