"""Precision and recall of the names that an answer links to the schema, beside those of its gold.

Precision is the share of the answer's names that the gold reads, recall the share of the gold's that the answer reads;
names are sets over the whole query, resolved by `eval.trees.linking`. No official definition: the sets are those of
schema linking as papers measure it (Maamari et al., 2024, arXiv:2408.07702; Cao et al., 2024, arXiv:2411.00073).
"""

from collections.abc import Callable, Set

from envs.example import Example
from eval.best_of_golds import golds
from eval.trees.linking import Linked, linked


def linking(sql: str, example: Example, names: Callable[[Linked], Set[object]]) -> tuple[float, float] | None:
    """Precision and recall for the gold by which their F1 is highest (the first of several).

    Both 0.0 for an answer that cannot be read; precision is 0.0 where it names nothing and the gold does, recall 1.0
    where the gold names nothing, and precision then 1.0 or 0.0. None where no gold can be read or the schema shows no
    table.
    """
    found = linked(sql, example.dialect, example.schema)
    given = None if found is None else names(found)
    known = [known for gold in golds(example) if (known := linked(gold, example.dialect, example.schema)) is not None]
    return max((_beside(given, names(gold)) for gold in known), key=_f1, default=None)


def _beside(given: Set[object] | None, wanted: Set[object]) -> tuple[float, float]:
    if given is None:
        return 0.0, 0.0
    common = len(given & wanted)
    precision = common / len(given) if given else float(not wanted)
    return precision, common / len(wanted) if wanted else 1.0


def _f1(both: tuple[float, float]) -> float:
    precision, recall = both
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def tables(one: Linked) -> Set[object]:
    """With the names of tables that the schema has not."""
    return one.tables | one.unknown_tables


def columns(one: Linked) -> Set[object]:
    """As (table, column); with the names of columns that are not there, or not there."""
    return one.columns | one.unknown_columns | one.misplaced
