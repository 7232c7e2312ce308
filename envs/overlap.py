"""How much two answers have in common, for rewards that pay for rows (`rewards/row_overlap.py`)."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from envs.compare import same_value
from envs.execution import Value
from envs.values import Row

MOST_CELLS = 20_000
"""An answer with more cells than that, and more than twice the gold's, has nothing in common worth looking for."""


def overlap(gold_rows: Sequence[Row], rows: Sequence[Row], gold_cells: Counter[object] | None = None) -> float:
    """How much of two answers is the same, in [0, 1]: the F1 of their cells times the smaller by the larger row count.

    Cells are a multiset, wherever they stand, and numbers count to six digits; 1.0 means that these multisets and the
    row counts agree. After Think2SQL's cell precision, cell recall and cardinality (arXiv:2504.15077). `gold_cells` are
    `cells(gold_rows)`, where they are known.
    """
    if not gold_rows or not rows:
        return float(not gold_rows and not rows)
    if len(rows) * len(rows[0]) > MOST_CELLS + 2 * len(gold_rows) * len(gold_rows[0]):
        return 0.0
    golden, found = cells(gold_rows) if gold_cells is None else gold_cells, cells(rows)
    common = sum(min(count, golden[cell]) for cell, count in found.items() if cell in golden)
    f1 = 2 * common / (golden.total() + found.total())
    return f1 * min(len(gold_rows), len(rows)) / max(len(gold_rows), len(rows))


def cells(rows: Sequence[Row]) -> Counter[object]:
    """The values of an answer as a multiset."""
    values = list(chain.from_iterable(rows))
    return Counter(map(_cell, values) if float in set(map(type, values)) else values)


def _cell(value: Value) -> Value | tuple[str]:
    if not isinstance(value, float):
        return value
    if math.isfinite(value) and same_value(value, round(value)):
        return round(value)
    return (f"{value:.6g}",)
