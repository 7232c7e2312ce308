"""One CREATE TABLE line of `envs.engines.Connection.schema`, taken apart and written again with comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from envs.lexical import tokens

STARTS = "CREATE TABLE "
CONSTRAINTS = ("PRIMARY KEY (", "FOREIGN KEY (")


@dataclass(frozen=True, slots=True)
class TableLine:
    """`name`, `columns` (name, type, keys) and `constraints` as they are written, quotes included."""

    name: str
    columns: tuple[str, ...]
    constraints: tuple[str, ...] = ()

    @classmethod
    def of(cls, line: str) -> Self | None:
        """None for a line that creates no table: a view has no types and no keys."""
        if not line.startswith(STARTS):
            return None
        depth, start, parts = 0, 0, list[str]()
        name = ""
        for kind, begin, end in tokens(line, len(STARTS)):
            name = name or line[begin:end]
            if kind == "open":
                start = end if depth == 0 else start
                depth += 1
            elif kind == "close":
                depth -= 1
            if (depth == 0 and kind == "close") or (depth == 1 and line[begin:end].startswith(",")):
                parts.append(line[start:begin].strip())
                start = begin + 1
        columns = tuple(part for part in parts if not part.startswith(CONSTRAINTS))
        return cls(name, columns, tuple(part for part in parts if part.startswith(CONSTRAINTS)))

    def written(self, comments: Mapping[int, str] | None = None) -> str:
        """The statement, a semicolon at its end. `comments` has text for columns by number; each ends its line."""
        parts = (*self.columns, *self.constraints)
        text = f"{STARTS}{self.name} ("
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            text += part if last else f"{part},"
            if comment := (comments or {}).get(i, ""):
                text += f" -- {comment}\n"
            elif not last:
                text += " "
        return text + ");"


def column_name(column: str) -> str:
    """The name a column is declared with, in quotes where it needs them."""
    return next(column[start:end] for _, start, end in tokens(column))


def unquoted(name: str) -> str:
    """A name as people write it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def refers(column: str) -> bool:
    """Whether a column is declared to refer to another table's."""
    return any(kind == "word" and column[start:end] == "REFERENCES" for kind, start, end in tokens(column))


def is_key(column: str) -> bool:
    """Whether a column is the primary key, alone."""
    words = [column[start:end] for kind, start, end in tokens(column) if kind == "word"]
    return any(pair == ("PRIMARY", "KEY") for pair in pairwise(words))
