"""Which samples of a pool are taken where n are: an equal share of each member.

Each member gives n // members; what is left over comes one each from members that are drawn anew for each subset, all
equally often. With fewer samples than members, so many members give one each.
"""

from collections.abc import Sequence
from itertools import combinations, product
from math import comb, prod
from random import Random

from eval.selection import DRAWS

Subset = tuple[tuple[int, int], ...]
"""(member, place) of every sample that is taken, members in their order."""


def shares(n: int, members: int) -> list[tuple[int, ...]]:
    """Every way in which n samples are shared out: how many each member gives."""
    each, more = divmod(n, members)
    return [tuple(each + (at in some) for at in range(members)) for some in combinations(range(members), more)]


def pooled_subsets(samples: int, members: int, n: int, seed: int, draws: int = DRAWS) -> list[Subset]:
    """Of members with so many samples each: all subsets where there are at most `draws`, else at least so many drawn,
    of every way of sharing as many."""
    ways = shares(n, members)
    if sum(prod(comb(samples, one) for one in way) for way in ways) <= draws:
        return [
            _together(places)
            for way in ways
            for places in product(*(list(combinations(range(samples), one)) for one in way))
        ]
    random = Random(seed)
    return [
        _together([sorted(random.sample(range(samples), one)) for one in way])
        for _ in range(-(-draws // len(ways)))
        for way in ways
    ]


def pooled_pass_at(n: int, samples: int, right: Sequence[int]) -> float:
    """The chance that n samples so drawn hold a right one, where each member has so many right among its samples."""
    ways = shares(n, len(right))
    none = (
        prod(comb(samples - good, one) / comb(samples, one) for good, one in zip(right, way, strict=True))
        for way in ways
    )
    return 1 - sum(none) / len(ways)


def _together(places: Sequence[Sequence[int]]) -> Subset:
    return tuple((member, place) for member, some in enumerate(places) for place in some)
