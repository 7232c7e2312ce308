"""Parts of the questions: by how hard they are, by their database, by their category."""

from collections.abc import Callable, Iterable

from envs.complexity import LEVELS, complexity
from envs.example import Example
from eval.measure import hardness

NONE = "(none)"
BY: dict[str, Callable[[Example], str]] = {
    "difficulty": complexity,
    "complexity": lambda example: hardness.hardness(example.gold_sql, example.dialect),
    "category": lambda example: example.category or NONE,
    "database": lambda example: example.schema_id,
}
"""`difficulty` is the data's own where it gives one, `complexity` is counted in the gold's clauses."""
WHAT = {
    "difficulty": "as the data set says, else by what is in the gold (envs/complexity.py)",
    "complexity": "of the gold, by Spider's rules of hardness (eval/measure/hardness.py)",
    "category": "as the data set says",
    "database": "which the question is about",
}
_ORDER = (*hardness.LEVELS[:4], *LEVELS[:-1], "simple", "moderate", "challenging", hardness.LEVELS[4], NONE)


def slices(by: str, examples: Iterable[Example]) -> dict[str, list[str]]:
    """Name of each slice -> ids of its questions; levels from the simplest on, other names by the alphabet."""
    found: dict[str, list[str]] = {}
    for example in examples:
        found.setdefault(BY[by](example), []).append(example.id)
    order = sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else -1, name))
    return {name: found[name] for name in order}
