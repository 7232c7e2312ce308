"""The SQL in what a model wrote: without its thinking, tags, fences, prose, trailing semicolons and comments.

Where a completion offers several answers the last one counts. Every step is linear in the length of the text, whatever
the text; nothing here raises. What it returns may still be no SQL at all: `envs.gate` says.
"""

import re
from collections.abc import Iterator

from envs import lexical
from envs.prose import bare, starts_statement

_THINKING = re.compile(r"</?think(?:ing)?\s{0,9}>", re.IGNORECASE)
_TAG = re.compile(r"<(?:answer|sql|solution)\s{0,9}>", re.IGNORECASE)
_FENCE = re.compile(r"`{3,}|~{3,}")
_LANGUAGE = re.compile(r"[ \t]{0,9}([A-Za-z][\w+#-]{0,20})")
_SQL_LANGUAGES = {"sql", "sqlite", "sqlite3", "duckdb", "mysql", "postgres", "postgresql", "pgsql", "psql", "tsql"}
_QUOTED = r"""(?<!\w)'(?:[^'\n]|'')*+'|(?<!\w)"[^"\n]*+\""""
"""A literal, as far as one can tell in prose: on one line, and not an apostrophe."""
_LABEL = re.compile(r"(?:sql(?:ite)?|query|answer|output|sql query|final answer)\s{0,9}:\s{0,9}", re.IGNORECASE)
_NESTED_TAGS = 3


def find_sql(completion: str) -> str:
    """The SQL of the last answer in `completion`; "" when there is none. All statements of it, if there are several."""
    return lexical.trimmed(_answer(_without_thinking(completion), _NESTED_TAGS))


def _without_thinking(text: str) -> str:
    """Drop `<think>...</think>`; a block that never ends hides the rest, an end without a start hides what precedes."""
    kept: list[str] = []
    at = depth = 0
    for tag in _outside_quotes(_THINKING, text, 0):
        if depth == 0:
            kept.append(text[at : tag.start()])
        if not tag[0].startswith("</"):
            depth += 1
        elif depth:
            depth -= 1
        else:
            kept.clear()
        at = tag.end()
    return " ".join([*kept, text[at:] if depth == 0 else ""]).strip()


def _answer(text: str, nested: int) -> str:
    tagged = [_answer(block, nested - 1) for block in _tagged(text)] if nested else []
    for sql in reversed(tagged):
        if starts_statement(sql):
            return sql
    if not any(_outside_quotes(_FENCE, text, 0)):
        return bare(_unlabelled(text))
    fenced = [_unlabelled(block) for block in _fenced(text)]
    for sql in reversed(fenced):
        if starts_statement(sql):
            return sql
    before = bare(_unlabelled(text[: _close(text, 0, _FENCE, set())[0]]))
    return before or next((sql for sql in reversed(fenced) if lexical.trimmed(sql)), "")


def _tagged(text: str) -> Iterator[str]:
    at, hidden = 0, set[re.Pattern[str]]()
    while tag := next(_outside_quotes(_TAG, text, at), None):
        end, at = _close(text, tag.end(), _TAG_ENDS[tag[0][1:].rstrip("> \t\r\n").lower()], hidden)
        yield text[tag.end() : end]


def _fenced(text: str) -> Iterator[str]:
    at, hidden = 0, set[re.Pattern[str]]()
    while fence := next(_outside_quotes(_FENCE, text, at), None):
        start = fence.end()
        if language := _LANGUAGE.match(text, start):
            ends_line = re.match(r"[ \t]{0,9}\r?(?:\n|\Z)", text[language.end() : language.end() + 12])
            word = language[1].lower()
            if word in _SQL_LANGUAGES or (ends_line and not starts_statement(word)):
                start = language.end()
        end, at = _close(text, start, _FENCES[fence[0][0]], hidden)
        yield text[start:end]


def _close(text: str, start: int, closing: re.Pattern[str], hidden: set[re.Pattern[str]]) -> tuple[int, int]:
    """Where the block from `start` ends and where to read on: at `closing` outside quotes, or at any, or at the end.

    `hidden` keeps which of them stand nowhere outside quotes: that takes a look at the whole text, and one is enough.
    """
    found = None if closing in hidden else next(_outside_quotes(closing, text, start), None)
    if found is None:
        hidden.add(closing)
        found = closing.search(text, start)
    return found.span() if found else (len(text), len(text))


def _outside_quotes(pattern: re.Pattern[str], text: str, start: int) -> Iterator[re.Match[str]]:
    return (found for found in _OUTSIDE[pattern].finditer(text, start) if found.lastgroup == "outside")


def _unlabelled(text: str) -> str:
    text = text.strip()
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


_TAG_ENDS = {name: re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE) for name in ("answer", "sql", "solution")}
_FENCES = {mark: re.compile(mark + "{3,}") for mark in "`~"}
_OUTSIDE = {
    pattern: re.compile(f"(?P<outside>{pattern.pattern})|{_QUOTED}", pattern.flags)
    for pattern in (_THINKING, _TAG, _FENCE, *_TAG_ENDS.values(), *_FENCES.values())
}
