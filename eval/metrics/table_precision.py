"""Share of the tables in the answer that the gold reads too.

As `eval.linking_scores` defines it.
"""

from envs.example import Example
from eval.linking_scores import linking, tables


def table_precision(sql: str, example: Example) -> float | None:
    """In [0, 1], 0.0 for an answer that cannot be read; None where no gold can be read or the schema shows no table."""
    both = linking(sql, example, tables)
    return None if both is None else both[0]
