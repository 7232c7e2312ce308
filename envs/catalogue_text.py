"""A catalogue from the text that a policy is shown of a database (`envs.schema`, `envs.annotated_schema`)."""

from collections.abc import Collection, Iterator
from functools import lru_cache

from envs import lexical
from envs.catalogue import Catalogue, Column, ForeignKey, Table
from envs.schema import statements
from envs.table_line import unquoted
from envs.twins import declarations

_FOR_EXAMPLE = "e.g. "


@lru_cache(maxsize=512)
def catalogue_of(schema: str) -> Catalogue:
    """The tables and views of a schema text, with what its comments say of columns; what cannot be read is left out.

    Where two statements create one name, the first counts.
    """
    found: dict[str, Table] = {}
    for statement in statements(schema):
        if table := _table(statement):
            found.setdefault(table.plain, table)
    return Catalogue(tuple(found.values()))


def _table(statement: str) -> Table | None:
    first = [statement[t.start : t.end].upper() for t in lexical.tokens(statement) if t.kind == "word"][:2]
    is_view = first == ["CREATE", "VIEW"]
    text = statement.replace("VIEW", "TABLE", 1) if is_view else statement
    declared = declarations.read(text)
    if declared is None or not declared.columns:
        return None
    said = dict(_comments(text))
    quotes = {text[t.start + 1 : t.end - 1].replace('""', '"') for t in lexical.tokens(text) if t.kind == "name"}

    def name_of(name: str) -> str:
        return written(name, quotes)

    columns = tuple(
        Column(name_of(name), kind, *_taken_apart(said.get(name.lower(), ""))) for name, kind in declared.columns
    )
    foreign = tuple(
        ForeignKey(tuple(map(name_of, key.columns)), name_of(key.parent), tuple(map(name_of, key.to)))
        for key in declared.references
    )
    return Table(name_of(declared.name), columns, tuple(map(name_of, declared.primary)), foreign, is_view)


def written(name: str, quoted: Collection[str] = ()) -> str:
    """A name as SQL writes it: in quotes where it is not plain, or is one of those that stand in quotes."""
    plain = name.isascii() and name.isidentifier() and name not in quoted
    return name if plain else '"' + name.replace('"', '""') + '"'


def _comments(statement: str) -> Iterator[tuple[str, str]]:
    """Column in lower case -> the `--` comment that ends its line."""
    depth, name, fresh = 0, "", False
    for kind, start, end in lexical.tokens(statement):
        text = statement[start:end]
        if kind == "open":
            depth += 1
            fresh = depth == 1
        elif kind == "close":
            depth -= 1
        elif depth == 1 and kind == "other" and text == ",":
            fresh = True
        elif kind == "comment" and text.startswith("--") and name:
            yield name, text[2:].strip()
        elif fresh and kind in ("word", "name"):
            name, fresh = unquoted(text).lower(), False


def _taken_apart(comment: str) -> tuple[str, tuple[str, ...]]:
    """A meaning and sample values, as `envs.annotated_schema` joins them."""
    meaning, sign, values = comment.rpartition(_FOR_EXAMPLE)
    if not sign or (meaning and not meaning.endswith("; ")):
        return comment, ()
    return meaning.removesuffix("; "), tuple(_values(values))


def _values(text: str) -> Iterator[str]:
    start = 0
    for kind, begin, end in lexical.tokens(text):
        if kind == "other" and text[begin:end] == ",":
            yield text[start:begin].strip()
            start = end
    if text[start:].strip():
        yield text[start:].strip()
