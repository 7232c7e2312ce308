"""The schema of a database with what helps to query it: keys, meanings of columns, sample values.

The statements are those of `envs.schema`, from the database's own catalogue, one table a statement; a column of which
there is something to say ends its line with a comment, so that the text stays SQL:

    CREATE TABLE schools (CDSCode TEXT PRIMARY KEY, -- e.g. '01100170000000'
    County TEXT, -- county of the school; e.g. 'Los Angeles', 'San Diego', 'Orange'
    Zip INTEGER, Phone TEXT);
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from envs import engines, lexical
from envs.column_meanings import Meanings, meanings_in
from envs.example import Database
from envs.listed_keys import Key, with_keys
from envs.sample_values import sample_values
from envs.table_line import TableLine, column_name, unquoted

TABLE = 2_000
"""Characters of comments that one table may have."""
DATABASE = 16_000
"""Characters of comments that all tables of a database may have, in equal parts."""


@cache
def annotated_schema(database: Database, keys: tuple[Key, ...] = (), meanings: Path | None = None) -> str:
    """The text. A database is read once in the life of a process; a script is built, and read the same way.

    `keys` are written into the tables where the database declares none; `meanings` is a folder of CSV files, which need
    not be there. Raises ValueError when there is nothing to open, or the script does not run.
    """
    try:
        connection = engines.load(database.engine).open_database(database)
    except engines.NoDatabase as error:
        raise ValueError(str(error)) from error
    try:
        lines = list(lexical.lines(connection.schema()))
        tables = with_keys([table for line in lines if (table := TableLine.of(line))], keys)
        samples = [sample_values(connection, table) for table in tables]
    finally:
        connection.close()
    said: Meanings = meanings_in(meanings) if meanings else {}
    most = min(TABLE, DATABASE // max(1, len(tables)))
    written = [
        table.written(_comments(table, values, said, most)) for table, values in zip(tables, samples, strict=True)
    ]
    return "\n".join([*written, *(f"{line};" for line in lines if not TableLine.of(line))])


def _comments(table: TableLine, samples: Sequence[tuple[str, ...]], said: Meanings, most: int) -> dict[int, str]:
    """Column number -> comment: as much of each column as keeps the table within `most` characters.

    All of it, else the values alone, else one value a column, else nothing.
    """
    names = [unquoted(column_name(column)).lower() for column in table.columns]
    meanings = [said.get((unquoted(table.name).lower(), name), "") for name in names]
    for values, meant in ((None, True), (None, False), (1, False)):
        found: dict[int, str] = {}
        for i, (sample, meaning) in enumerate(zip(samples, meanings, strict=True)):
            shown = f"e.g. {', '.join(sample[:values])}" if sample else ""
            if comment := "; ".join(part for part in (meaning if meant else "", shown) if part):
                found[i] = comment
        if sum(map(len, found.values())) <= most:
            return found
    return {}
