"""Join paths that nobody declared: a column all or nearly all of whose values are in a unique column elsewhere."""

import time
from collections.abc import Iterator, Sequence

from envs.catalogue_text import written
from envs.engines import Connection
from envs.execution import Status
from envs.filtering.words import terms
from envs.profile.records import ColumnFacts, Join, TableFacts

VALUES = 500
"""Different values that are looked for in the other column."""
NAMED = 0.9
"""Share of them that must be there where the names agree."""
FEWEST = 10
"""Different texts of a column that make being found in another, of any name, no coincidence; numbers never do."""
_SAY_NOTHING = {"id", "name", "code", "key", "number", "no", "type", "titl", "date", "year"}


def joins_found(
    connection: Connection, facts: Sequence[TableFacts], seconds: float, until: float
) -> tuple[list[Join], int]:
    """Joins, and how many pairs of columns nobody could look at, each in `seconds` and all until `time.monotonic()` is
    `until`. Declared ones are left out."""
    found: list[Join] = []
    skipped = 0
    for source, column, target, key, named in _candidates(facts):
        left = until - time.monotonic()
        share = _share(connection, (source.name, column), (target.name, key), min(seconds, left)) if left > 0 else None
        if share is None:
            skipped += 1
        elif share[1] and share[0] >= (NAMED if named else 1.0):
            found.append(Join(source.name, column.name, target.name, key.name, *share, named))
    return found, skipped


def _candidates(
    facts: Sequence[TableFacts],
) -> Iterator[tuple[TableFacts, ColumnFacts, TableFacts, ColumnFacts, bool]]:
    """Pairs of columns of one type whose names agree, or of texts."""
    declared = {(fact.name.lower(), name.lower()) for fact in facts for name, _ in fact.foreign}
    unique = [(fact, column) for fact in facts for column in fact.columns if column.unique]
    for fact in facts:
        for column in fact.columns:
            if column.unread or not column.distinct or (fact.name.lower(), column.name.lower()) in declared:
                continue
            for target, key in unique:
                if target.name == fact.name or not column.types.keys() & key.types.keys():
                    continue
                named = _named_after(column.name, target.name, key.name)
                both = column.unique and (target.looked_at, target.name) < (fact.looked_at, fact.name)
                if (named or (column.distinct >= FEWEST and set(column.types) == {"text"})) and not both:
                    yield fact, column, target, key, named


def _named_after(column: str, table: str, key: str) -> bool:
    own, there, of = ("".join(terms(name)) for name in (column, key, table))
    return (own == there and own not in _SAY_NOTHING) or own in {of + there, of + "id"}


def _share(
    connection: Connection, of: tuple[str, ColumnFacts], to: tuple[str, ColumnFacts], seconds: float
) -> tuple[float, int] | None:
    """Share of the values that are there, and their number; None where it takes too long."""
    (table, column), (parent, key) = of, to
    values = f"SELECT DISTINCT {written(column.name, (column.name,))} AS v FROM {written(table, (table,))}"
    name = written(key.name, (key.name,))
    sql = (
        f"SELECT count(*), sum(CASE WHEN v IN (SELECT {name} FROM {written(parent, (parent,))}) THEN 1 ELSE 0 END) "
        f"FROM ({values} LIMIT {VALUES}) AS held WHERE v IS NOT NULL"
    )
    told = connection.execute(sql, seconds, 1)
    if told.status is not Status.OK:
        return None
    count, there = (int(str(value or 0)) for value in told.rows[0])
    return (round(there / count, 4) if count else 0.0), count
