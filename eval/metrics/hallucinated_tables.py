"""How many tables the answer names that the schema has not.

Different names, with aliases, common tables and strings in SQLite's double quotes told apart. The gold has no say.
No official definition.
"""

from envs.example import Example
from eval.trees.linking import linked

UNIT = "count"
BETTER = "lower"


def hallucinated_tables(sql: str, example: Example) -> float | None:
    """0.0, 1.0, 2.0 ...; None where the answer cannot be read or the schema shows no table."""
    found = linked(sql, example.dialect, example.schema)
    return None if found is None else float(len(found.unknown_tables))
