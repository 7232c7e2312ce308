"""The part of a schema that a question is shown, with notes, in a style; and whether its gold's tables are in it."""

from dataclasses import dataclass
from functools import lru_cache

from envs import gate, schema_styles
from envs.catalogue import Catalogue
from envs.catalogue_text import catalogue_of
from envs.example import Database, Example
from envs.explore.shown import shown, used
from envs.filtering import SchemaFilter
from envs.filtering.cached_values import cached_values
from envs.presentation.notes import with_notes
from envs.profile.summaries import summaries_file
from envs.sandbox.file_stamp import file_stamp


@dataclass(frozen=True, slots=True)
class Part:
    """`whole` says whether all tables of the gold are left; None where there is no budget, or no gold to be read."""

    text: str
    cut: bool = False
    whole: bool | None = None


def part_of(example: Example, style: str, tokens: int | None, notes: str, keep_gold: bool) -> Part:
    """What stands in the prompt. A schema in which no table can be read, and one that fits its budget and has no notes,
    stand there as they would without these keys; where no table fits, the one that ranks first."""
    of = example.schema, example.database, style, notes, _state(example.database, notes)
    if not _noted(*of).tables:
        return Part(_plain(example, style))
    whole = _plain(example, style) if notes == "none" else schema_styles.written(_noted(*of), style)
    if tokens is None:
        return Part(whole)
    gold = gold_tables(example)
    if (schema := _filter(*of)).whole <= tokens:
        return Part(whole, False, None if gold is None else True)
    asked = f"{example.question} {example.evidence}"
    every = schema.catalogue.tables
    kept = {every[i].plain for i in schema.keep(asked, tokens)} or {every[schema.rank(asked).tables[0]].plain}
    left = kept | (gold or frozenset()) if keep_gold else kept
    part = schema.catalogue.only(lambda table: table.plain in left, lambda table, column: True)
    return Part(schema_styles.written(part, style), True, None if gold is None else gold <= kept)


def gold_tables(example: Example) -> frozenset[str] | None:
    """The tables of the schema that the gold reads, in lower case; None where sqlglot cannot read it."""
    root = gate.parse(example.gold_sql, example.dialect)
    return None if isinstance(root, str) else used(root, shown(example.schema, example.dialect))[0]


def _plain(example: Example, style: str) -> str:
    return schema_styles.shown_in([example], style)[0].shown


def _state(database: Database, notes: str) -> tuple[str, str]:
    """What changes when the file does, or what somebody wrote of its columns: a service outlives both."""
    stamp = file_stamp(database.path)[1]
    return stamp, file_stamp(str(summaries_file(database)))[1] if stamp and notes == "summaries" else ""


@lru_cache(maxsize=8)
def _noted(schema: str, database: Database, style: str, notes: str, state: tuple[str, str]) -> Catalogue:
    catalogue = catalogue_of(schema)
    if notes != "none" and catalogue.tables:
        catalogue = with_notes(catalogue, database, notes == "summaries")
    return schema_styles.sampled(catalogue, style, database)


@lru_cache(maxsize=8)
def _filter(schema: str, database: Database, style: str, notes: str, state: tuple[str, str]) -> SchemaFilter:
    """Names, meanings and held texts decide; what cannot be opened is ranked by its names alone."""
    catalogue = _noted(schema, database, style, notes, state)
    try:
        values = cached_values(database, catalogue)
    except ValueError:
        values = None
    return SchemaFilter(catalogue, values)
