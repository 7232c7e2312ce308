"""A few values of each column of a table, for the text that a policy is shown of a database.

What is shown is a rule, so that it is the same on every machine. Of the first `ROWS` rows that the engine finds in a
table (a LIMIT inside a subquery: a table of any size costs the same) each column gives at most `MOST` values, the most
frequent first, equally frequent ones in the order of their text.

- Texts are shown as SQL literals, where at least half of what is there is text. One is enough of texts without a letter
  (dates, numbers, telephones) with more than `MOST` values, and of long ones, which are cut to `LENGTH` characters.
- Numbers are shown where at least `ENOUGH` rows hold no more than `MOST` different ones: a code or a flag.
- Of a primary key, or a column called an id, one text and no number is shown.
- A foreign key shows nothing, as the column it refers to does; nor do blobs, hashes, and texts with nothing in them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from envs.engines import Connection
from envs.execution import Status, Value
from envs.table_line import TableLine, column_name, is_key, refers, unquoted

ROWS = 2_000
"""Rows of a table that are read."""
MOST = 3
"""Values of a column that are shown."""
LENGTH = 40
"""Characters of a text that are shown."""
ENOUGH = 10
"""Rows that make a few different numbers a code, and not a coincidence."""
SECONDS = 2.0
"""What reading one table may take, as a last resort: then it shows nothing."""

T = TypeVar("T", bound=Value)
_ID = re.compile(r"(.*[^A-Za-z])?[iI][dD]|.*[a-z]I[dD]", re.DOTALL)
_HASH = re.compile(r"[0-9a-fA-F-]{20,}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]+")


def sample_values(connection: Connection, table: TableLine) -> list[tuple[str, ...]]:
    """What each column of a table shows, in the order of the columns; nothing at all when it cannot be read."""
    if not table.columns:
        return []
    shown = [_shortened(column_name(column)) for column in table.columns]
    sql = f"SELECT {', '.join(shown)} FROM (SELECT * FROM {table.name} LIMIT {ROWS})"
    found = connection.execute(sql, SECONDS, ROWS)
    if found.status is not Status.OK or not found.rows:
        return [()] * len(table.columns)
    return [_of(column, values) for column, values in zip(table.columns, zip(*found.rows, strict=True), strict=True)]


def _shortened(name: str) -> str:
    """A column without its blobs and without the end of its texts; one character more says that there is an end."""
    return f"CASE typeof({name}) WHEN 'blob' THEN NULL WHEN 'text' THEN substr({name}, 1, {LENGTH + 1}) ELSE {name} END"


def _of(column: str, values: Sequence[Value]) -> tuple[str, ...]:
    if refers(column):
        return ()
    key = is_key(column) or bool(_ID.fullmatch(unquoted(column_name(column))))
    held = Counter(value for value in values if value is not None)
    texts: Counter[str] = Counter({value: count for value, count in held.items() if isinstance(value, str)})
    if 2 * texts.total() >= held.total():
        telling = [value for value in _frequent(texts) if _BREAKS.sub("", value).strip() and not _HASH.fullmatch(value)]
        form = len(telling) > MOST and not any(map(str.isalpha, "".join(telling)))
        long = any(len(value) > LENGTH for value in telling[:MOST])
        return tuple(_literal(value) for value in telling[: 1 if key or form or long else MOST])
    if key or len(held) > MOST or held.total() < ENOUGH:
        return ()
    return tuple(str(value) for value in _frequent(held))


def _frequent(counts: Counter[T]) -> list[T]:
    return sorted(counts, key=lambda value: (-counts[value], str(value)))


def _literal(value: str) -> str:
    """A text on one line as SQL writes it, with dots where it was cut."""
    line = _BREAKS.sub(" ", value if len(value) <= LENGTH else value[: LENGTH - 3] + "...")
    return "'" + line.replace("'", "''") + "'"
