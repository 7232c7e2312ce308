"""What people wrote about the columns of a database: BIRD's `database_description/TABLE.csv`, one row a column."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = "database_description"
LENGTH = 80
"""Characters of a meaning that are kept."""
BYTES = 1 << 20
"""What is read of one file."""

Meanings = Mapping[tuple[str, str], str]
"""(table, column), in lower case -> what it means."""


def meanings_in(folder: Path) -> Meanings:
    """What the CSV files of a folder say. A column of which nothing is said beyond its name is left out.

    The published files are partly UTF-8 and partly Windows text, and some are cut short: a file that cannot be read as
    CSV gives what came before the fault. There is nothing to raise, since a meaning is only ever a help.
    """
    found: dict[tuple[str, str], str] = {}
    for file in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
        if file.name.startswith("."):
            continue
        try:
            with file.open("rb") as opened:
                text = _text(opened.read(BYTES)).replace("\0", "")
        except OSError:
            continue
        rows = csv.reader(io.StringIO(text, newline=""))
        table = file.stem.strip().lower()
        try:
            heads = [head.strip().lower() for head in next(rows, list[str]())]
            for row in rows:
                values = {head: " ".join(value.split()) for head, value in zip(heads, row, strict=False)}
                name = values.get("original_column_name", "")
                if meaning := _telling(name, values.get("column_description", ""), values.get("column_name", "")):
                    found[table, name.lower()] = meaning
        except csv.Error:
            continue
    return found


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _telling(name: str, *said: str) -> str:
    """The first text that says more than the name does, cut at the end of a word."""
    for text in said:
        if text and _bare(text) != _bare(name):
            return text if len(text) <= LENGTH else text[: LENGTH - 3].rpartition(" ")[0].rstrip(",;:") + "..."
    return ""


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
