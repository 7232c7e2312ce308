"""In what an answer that ran leaves its gold."""

from envs.example import Example
from eval.best_of_golds import golds
from eval.taxonomy import conditions, order, shown, sources
from eval.taxonomy.beside import Beside, beside
from eval.trees.reading import safely

NESTING = "nesting"
_COMPARED = (
    *(sources.set_operation, sources.tables, sources.joins, conditions.ties, shown.shown, conditions.filters),
    *(order.grouping, conditions.having, order.order, order.limit, order.distinct, order.nesting),
)
_FOLLOW = {
    "set operation": {"filter", "value", "distinct", "grouping", "having"},
    "wrong table": {"join"},
    "missing table": {"join"},
    "extra table": {"join"},
    "ties": {"order", "limit", "filter", "join"},
    "aggregate": {"distinct"},
}
"""What follows from a difference, and says nothing beside it."""


def differences(sql: str, example: Example) -> set[str]:
    """The names of `eval.taxonomy.CLASSES` that hold, for the gold beside which they are fewest."""
    return min((_beside_gold(sql, gold, example) for gold in golds(example)), key=len)


def _beside_gold(sql: str, gold_sql: str, example: Example) -> set[str]:
    """Where only one of the two is a set operation, the other may say the same by conditions."""
    names = _named(beside(sql, gold_sql, example))
    if "set operation" in names:
        others = _named(beside(sql, gold_sql, example, set_operations=False))
        if not others & {"set operation", NESTING}:
            return others or names
    return names - {NESTING} or names


def _named(both: Beside | None) -> set[str]:
    if both is None:
        return set()
    names: set[str] = set()
    for compare in _COMPARED:
        names |= safely(compare, both) or set()
    for name, follow in _FOLLOW.items():
        if name in names:
            names -= follow
    return names or sources.repeats(both)
