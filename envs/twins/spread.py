"""How rows are shared out among values: groups of telling sizes, so that counting them wrongly shows."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def spread(values: Sequence[T], count: int, rng: Random, sizes: Sequence[int] = ()) -> list[T]:
    """`count` picks from `values`: groups of different sizes, of the sizes asked for and beside them, or by chance.

    Some values are left out, so that parents without children exist.
    """
    if not values or not count:
        return []
    order = list(values)
    rng.shuffle(order)
    style = rng.random()
    if style < 0.2:
        return [rng.choice(order) for _ in range(count)]
    if len(order) > 2 and rng.random() < 0.7:
        order = order[: -max(1, len(order) // 4)]
    wanted = [s + step for s in sizes for step in (0, 1, -1) if s + step > 0] if sizes and style < 0.7 else []
    picks: list[T] = []
    for at, value in enumerate(order):
        size = wanted[at] if at < len(wanted) else at - len(wanted) + 1
        picks += [value] * size
        if len(picks) >= count:
            break
    while len(picks) < count:
        picks.append(order[-1] if rng.random() < 0.5 else rng.choice(order))
    picks = picks[:count]
    rng.shuffle(picks)
    return picks
