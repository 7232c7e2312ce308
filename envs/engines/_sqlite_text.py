"""Text in a SQLite database that is not UTF-8, which apsw does not read: fetched as bytes and decoded here."""

from envs import lexical
from envs.values import Row


def as_blobs(sql: str, width: int) -> str:
    """The same rows with text as bytes, each value followed by its type: apsw reads no text that is not UTF-8."""
    names = ", ".join(f"c{i}" for i in range(width))
    values = ", ".join(
        f"CASE typeof(c{i}) WHEN 'text' THEN CAST(c{i} AS BLOB) ELSE c{i} END, typeof(c{i})" for i in range(width)
    )
    return f"WITH q({names}) AS ({lexical.trimmed(sql)}\n) SELECT {values} FROM q"


def decoded(row: Row) -> Row:
    return tuple(
        value.decode(errors="replace") if kind == "text" and isinstance(value, bytes) else value
        for value, kind in zip(row[::2], row[1::2], strict=True)
    )
