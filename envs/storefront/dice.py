"""Seeded chance that comes out the same on every machine and Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws made of `random.Random.random()` alone, the one method whose sequence Python promises never to change."""

    def __init__(self, seed: str) -> None:
        self._rng = random.Random(seed)

    def below(self, n: int) -> int:
        """A whole number in [0, n)."""
        return int(self._rng.random() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high], both ends included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of a hundred draws."""
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[self.below(len(items))]

    def weighted(self, weights: Sequence[tuple[T, int]]) -> T:
        """One of the items, in proportion to its whole-number weight."""
        left = self.below(sum(weight for _, weight in weights))
        for item, weight in weights:
            if left < weight:
                return item
            left -= weight
        raise AssertionError("weights cannot run out")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The same items in a random order."""
        keyed = [(self._rng.random(), at) for at in range(len(items))]
        return [items[at] for _, at in sorted(keyed)]
