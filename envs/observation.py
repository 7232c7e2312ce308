"""What a policy reads after it ran a query: a small table or the error, in plain text of a limited length.

It is what anybody would see who ran the query without knowing the answer: never the gold, nor whether this was right,
nor a path of the machine. The same query is always told in the same words, whichever candidate of like style the
sandbox ran for it: numbers are written as values, SQLite's errors in lower case, the parser's without places.
"""

import re
from collections.abc import Callable

from envs.execution import Execution, Status, Value

ROWS = 5
COLUMNS = 10
CELL = 50
"""Rows and columns that are shown of a result, and characters of a value."""
TOLD = 400
"""Characters that are told after a query where nobody counts tokens: by `serve`, and in what SFT teaches."""
NO_QUERY = "Error: there is no query in what you wrote"

_WORDS = {
    Status.NO_SQL: NO_QUERY,
    Status.TOO_MANY_ROWS: "Error: it returns too many rows",
    Status.TIMEOUT: "Error: it takes too long",
    Status.MEMORY: "Error: it needs too much memory",
    Status.FORBIDDEN: "Error: it does what is not allowed here",
    Status.CRASH: "Error: it could not be run",
    Status.NO_DATABASE: "Error: it could not be run",
}
"""Endings that are told in words of ours: the message may speak of the machine."""
_KIND = re.compile(r"expected a .* statement, found ")
_PLACE = re.compile(r"\.? Line \d+, Col: \d+\.?")
_PATH = re.compile(r"(?<![\w.])/(?:[\w.-]+/)+[\w.-]*")


def observe(execution: Execution, engine: str, most: int, length: Callable[[str], int] = len) -> str | None:
    """What is told of an execution, at most `most` long as `length` measures; None where nothing may be told.

    That is where the gate refuses a query because the gold writes, or the other way round: saying so would say what
    kind of statement the gold is.
    """
    if execution.status is Status.REJECTED and _KIND.match(execution.message):
        return None
    if not execution.ok:
        return _cut(_error(execution, engine), most, length)
    if not execution.rows:
        return _cut("no rows" if execution.columns else "done", most, length)
    lines = [_line(row, execution.columns) for row in execution.sample[:ROWS]]
    text = ""
    for shown in range(len(lines), 0, -1):
        count = f"{execution.rows:,} row{'s' if execution.rows > 1 else ''}"
        head = f"{count}:" if shown == execution.rows else f"{count}, the first {shown}:"
        text = "\n".join([head, *lines[:shown]])
        if length(text) <= most:
            return text
    return _cut(text, most, length)


def _error(execution: Execution, engine: str) -> str:
    if execution.status in _WORDS:
        return _WORDS[execution.status]
    message = _PLACE.sub("", _PATH.sub("a file", _printable(execution.message)))
    return "Error: " + (message.lower() if engine == "sqlite" else message)


def _line(row: tuple[Value, ...], columns: int) -> str:
    cells = [_cell(value) for value in row[:COLUMNS]]
    return " | ".join([*cells, "..."] if columns > len(cells) else cells)


def _cell(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        text = f"x'{value.hex()}'"
    elif isinstance(value, float):
        text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    else:
        text = _printable(str(value))
    return text if len(text) <= CELL else f"{text[: CELL - 3]}..."


def _printable(text: str) -> str:
    """On one line, without control characters and lone surrogates, which no tokenizer reads."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _cut(text: str, most: int, length: Callable[[str], int]) -> str:
    """The longest beginning of `text` that is short enough, marked where something is missing."""
    if length(text) <= most:
        return text
    least, size = 0, len(text)
    while size - least > 1:
        middle = (least + size) // 2
        least, size = (middle, size) if length(f"{text[:middle]}...") <= most else (least, middle)
    return f"{text[:least]}..." if least else ""
