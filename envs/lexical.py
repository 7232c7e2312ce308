"""SQL as a stream of tokens, without a parser: where strings, comments and brackets are.

Linear in the length of any text, and it never raises: what is left open (a quote, a comment) runs to the end.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_PLAIN_QUOTES = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")""")
_PECULIAR = ("$", "\\", "[", "{", "#", "`", "/", ":", "--")
_APART = re.compile(r"[<>!]\s+=|['\"]\s*[\r\n]\s*['\"]")
_STARTS = ("select", "with", "values", "(")
_BLANKS = re.compile(r"[ \t\r\n]+")
_GO = re.compile(r"\bgo\b", re.IGNORECASE)
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


def lines(text: str) -> Iterator[str]:
    """The lines of `text`, not broken inside quotes: a name, a string or a type may hold what ends a line."""
    start = 0
    for kind, at, end in tokens(text):
        if kind == "space" and "\n" in text[at:end]:
            yield text[start:at]
            start = end
    if start < len(text):
        yield text[start:]


def unstyled(sql: str, engine: str) -> str:
    """One text for queries that differ in style only: in blanks, a semicolon at the end and, for SQLite, upper case.

    Such queries have one answer. A text in which style may matter is returned as it is: comments, brackets around
    names, dollar quotes, strings on two lines, names that become keys of DuckDB's structs, what the Spider evaluator
    rewrites, and all that is no query.
    """
    lower = sql.lower()
    if not sql.isascii() or not lower.lstrip().startswith(_STARTS) or "value" in lower:
        return sql
    for mark in _PECULIAR:  # quicker than a regular expression
        if mark in sql:
            return sql
    if "go" in lower and _GO.search(sql):
        return sql
    if ("\n" in sql or "> " in sql or "< " in sql or "! " in sql) and _APART.search(sql):
        return sql
    folded = lower if engine == "sqlite" else sql
    blanks = "  " in sql or "\n" in sql or "\t" in sql
    if not blanks and "'" not in sql and '"' not in sql:
        return folded.lstrip().rstrip("; \t\r\n")
    parts = _PLAIN_QUOTES.split(sql.lstrip().rstrip("; \t\r\n"))
    for i in range(0, len(parts), 2):
        part = _BLANKS.sub(" ", parts[i]) if blanks else parts[i]
        parts[i] = part.lower() if engine == "sqlite" else part
    return "".join(parts)


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
