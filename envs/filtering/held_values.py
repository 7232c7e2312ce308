"""The texts that the columns of a database hold, for finding them in questions."""

from envs import engines
from envs.catalogue import Catalogue
from envs.example import Database
from envs.execution import Status
from envs.filtering.ranking import Place

ROWS = 50_000
"""Rows of a table that are looked at, the first that the engine finds."""
MOST = 5_000
"""Different texts of a column that are kept."""
LENGTH = 60
"""Characters of a text; a longer one stands in no question."""
SECONDS = 2.0
"""For one column."""


def held_values(database: Database, catalogue: Catalogue) -> dict[Place, list[str]]:
    """The texts of each column by the numbers of table and column; a column that cannot be read in time has none.

    The database is opened read-only by its engine, in this process. Raises ValueError when there is nothing to open.
    """
    try:
        connection = engines.load(database.engine).open_database(database)
    except engines.NoDatabase as error:
        raise ValueError(str(error)) from error
    found: dict[Place, list[str]] = {}
    try:
        for i, table in enumerate(catalogue.tables):
            for j, column in enumerate(table.columns):
                rows = f"SELECT {column.name} AS held FROM {table.name} LIMIT {ROWS}"
                sql = f"SELECT DISTINCT held FROM ({rows}) AS first_rows WHERE held IS NOT NULL LIMIT {MOST}"
                told = connection.execute(sql, SECONDS, MOST)
                if told.status is Status.OK:
                    texts = (row[0] for row in told.rows)
                    found[i, j] = sorted(text for text in texts if isinstance(text, str) and len(text) <= LENGTH)
    finally:
        connection.close()
    return found
