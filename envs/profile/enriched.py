"""A catalogue with what a profile found: sample values, formats and ranges as meanings, joins as foreign keys."""

from collections.abc import Mapping
from dataclasses import replace

from envs.catalogue import Catalogue, Column, ForeignKey, Table
from envs.catalogue_text import written
from envs.profile.records import ColumnFacts, DatabaseFacts, Join

SAMPLES = 3
LENGTH = 40
"""Characters of a text that is shown; a longer one is not."""


def enriched(
    catalogue: Catalogue, facts: DatabaseFacts, summaries: Mapping[tuple[str, str], str] | None = None
) -> Catalogue:
    """What is declared or said already stays. Only joins become keys whose names agree and that lose no value.

    `summaries` are meanings that somebody wrote, a person or a model, by table and column in lower case; they go before
    a format or a range.
    """
    found = {(table.name.lower(), one.name.lower()): one for table in facts.tables for one in table.columns}
    joins: dict[str, list[Join]] = {}
    for join in facts.joins:
        if join.named and join.share == 1.0:
            joins.setdefault(join.table.lower(), []).append(join)
    return Catalogue(tuple(_table(table, found, joins, summaries or {}) for table in catalogue.tables))


def _table(
    table: Table,
    found: Mapping[tuple[str, str], ColumnFacts],
    joins: Mapping[str, list[Join]],
    summaries: Mapping[tuple[str, str], str],
) -> Table:
    columns = tuple(
        _column(one, facts, summaries.get((table.plain, one.plain), ""))
        if (facts := found.get((table.plain, one.plain)))
        else one
        for one in table.columns
    )
    foreign, keyed = list(table.foreign), {one for key in table.foreign for one in key.columns}
    for join in joins.get(table.plain, []):
        name = next((one.name for one in table.columns if one.plain == join.column.lower()), "")
        if name and name not in keyed:
            keyed.add(name)
            foreign.append(ForeignKey((name,), written(join.to_table), (written(join.to_column),)))
    return replace(table, columns=columns, foreign=tuple(foreign))


def _column(column: Column, facts: ColumnFacts, summary: str) -> Column:
    texts = [value for value, _ in facts.top if isinstance(value, str) and 0 < len(value) <= LENGTH]
    samples = tuple("'" + text.replace("'", "''") + "'" for text in texts[:SAMPLES] if text.isprintable())
    said = facts.format
    if not said and isinstance(facts.low, int | float) and not facts.unique and facts.low != facts.high:
        said = f"{facts.low:g} to {facts.high:g}" if isinstance(facts.high, int | float) else ""
    return replace(column, meaning=column.meaning or summary or said, samples=column.samples or samples)
