"""Question families, one kind of SQL a file: each has its complexity label and its shapes.

A shape is a function `(world, rng) -> Asked | None`: it asks one question about the world, or None where the world has
nothing to ask about in that shape. Labels are those of gretel's `sql_complexity`.
"""

from collections.abc import Callable
from random import Random

from envs.worlds.questions import (
    aggregation,
    basic,
    ctes,
    multiple_joins,
    set_operations,
    single_join,
    subqueries,
    window_functions,
)
from envs.worlds.questions.phrasing import Asked
from envs.worlds.world import World

Shape = Callable[[World, Random], Asked | None]
FAMILIES: dict[str, tuple[Shape, ...]] = {
    family.COMPLEXITY: family.SHAPES
    for family in (
        basic,
        aggregation,
        single_join,
        multiple_joins,
        subqueries,
        set_operations,
        ctes,
        window_functions,
    )
}
SHARES: dict[str, float] = {
    "basic SQL": 0.26,
    "aggregation": 0.22,
    "single join": 0.19,
    "multiple_joins": 0.08,
    "subqueries": 0.10,
    "set operations": 0.05,
    "CTEs": 0.04,
    "window functions": 0.06,
}
"""How often each family is asked. Nearer to gretel's order than to its shares, so that rare kinds are learned too."""
