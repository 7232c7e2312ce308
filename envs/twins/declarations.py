"""What CREATE TABLE text declares: columns, types, primary, foreign and unique keys.

It reads the one-line form of `envs.engines.Connection.schema` and, for unique keys, the text the database itself keeps.
What it cannot read it skips.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from envs import lexical

_ENDS_TYPE = {
    "primary",
    "references",
    "not",
    "null",
    "unique",
    "default",
    "check",
    "collate",
    "constraint",
    "generated",
}
_WHOLE_TABLE = {"primary", "foreign", "unique", "check", "constraint"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key as declared; `to` is empty where the text leaves it to the parent's primary key."""

    columns: tuple[str, ...]
    parent: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """One CREATE TABLE; columns are (name, type)."""

    name: str
    columns: tuple[tuple[str, str], ...]
    primary: tuple[str, ...]
    references: tuple[Reference, ...]
    unique: tuple[tuple[str, ...], ...]


def read(text: str) -> Declared | None:
    """The declaration in `text`, or None when it declares no table with a list of columns."""
    parts = _words(text)
    if len(parts) < 4 or [p.lower() for p in parts[:2]] != ["create", "table"] or not parts[-1].startswith("("):
        return None
    columns: list[tuple[str, str]] = []
    primary: tuple[str, ...] = ()
    references: list[Reference] = []
    unique: list[tuple[str, ...]] = []
    for item in _split(parts[-1]):
        words = _words(item)
        if not words:
            continue
        lower = [w.lower() for w in words]
        if lower[0] in _WHOLE_TABLE and not words[0].startswith(('"', "`")):
            at = next((i for i, w in enumerate(words) if w.startswith("(")), len(words))
            named = _names(words[at]) if at < len(words) else ()
            if "primary" in lower[:at]:
                primary = named
            elif "foreign" in lower[:at]:
                references += _references(words[at + 1 :], named)
            elif "unique" in lower[:at]:
                unique.append(named)
            continue
        name = _bare(words[0])
        end = next((i for i, w in enumerate(lower) if i and w in _ENDS_TYPE), len(words))
        columns.append((name, _joined(words[1:end])))
        if "primary" in lower[end:]:
            primary = (name,)
        if "unique" in lower[end:]:
            unique.append((name,))
        references += _references(words[end:], (name,))
    return Declared(_bare(parts[-2]), tuple(columns), primary, tuple(references), tuple(unique))


def unique_index(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The table and columns of a CREATE UNIQUE INDEX without a WHERE, or None for any other text."""
    words = _words(text)
    lower = [w.lower() for w in words]
    if lower[:2] != ["create", "unique"] or "on" not in lower or "where" in lower:
        return None
    at = lower.index("on")
    if at + 2 >= len(words) or not words[at + 2].startswith("("):
        return None
    return _bare(words[at + 1]), _names(words[at + 2])


def _references(words: Sequence[str], columns: tuple[str, ...]) -> list[Reference]:
    at = next((i for i, w in enumerate(words) if w.lower() == "references"), None)
    if at is None or at + 1 >= len(words):
        return []
    to = _names(words[at + 2]) if at + 2 < len(words) and words[at + 2].startswith("(") else ()
    return [Reference(columns, _bare(words[at + 1]), to)]


def _words(text: str) -> list[str]:
    """The text as words; a bracket and all inside it is one word. A semicolon outside brackets ends it."""
    found: list[str] = []
    deep = start = 0
    for token in lexical.tokens(text):
        if token.kind == "open":
            if not deep:
                start = token.start
            deep += 1
        elif token.kind == "close":
            deep -= 1
            if not deep:
                found.append(text[start : token.end])
        elif not deep and token.kind == "semicolon":
            break
        elif not deep and token.kind not in ("space", "comment"):
            found.append(text[token.start : token.end])
    return found


def _split(bracket: str) -> list[str]:
    """What stands between the commas directly inside a bracket."""
    found: list[str] = []
    deep, start = 0, 1
    for token in lexical.tokens(bracket):
        if token.kind == "open":
            deep += 1
        elif token.kind == "close":
            deep -= 1
            if not deep:
                found.append(bracket[start : token.start])
        elif deep == 1 and token.kind == "other" and bracket[token.start : token.end] == ",":
            found.append(bracket[start : token.start])
            start = token.end
    return found


def _names(bracket: str) -> tuple[str, ...]:
    return tuple(_bare(words[0]) for item in _split(bracket) if (words := _words(item)))


def _bare(name: str) -> str:
    for quote in ('"', "`", "'"):
        if len(name) > 1 and name[0] == name[-1] == quote:
            return name[1:-1].replace(quote * 2, quote)
    return name


def _joined(words: Sequence[str]) -> str:
    return "".join(w if w.startswith("(") else f" {w}" for w in words).strip()
