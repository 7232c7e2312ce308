"""How often the members of a pool give different answers, each by its own vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.pool.members import Asked
from eval.selectors.majority import majority


@dataclass(frozen=True, slots=True)
class Pair:
    """Shares of the questions: the two differ, and only one of them is right."""

    first: int
    second: int
    differ: float
    only_first: float
    only_second: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`any_differ` and `only_some_right` are shares of the questions, over all members."""

    any_differ: float
    only_some_right: float
    pairs: tuple[Pair, ...]


def disagreement(asked: Sequence[Asked]) -> Disagreement:
    """Each member answers by the majority of all its samples."""
    voted = [[some[majority(some)] for some in each.answers] for each in asked]
    members, questions = range(len(voted[0])), len(asked)
    pairs = [
        Pair(
            one,
            other,
            sum(not each[one].same(each[other]) for each in voted) / questions,
            sum(each[one].right and not each[other].right for each in voted) / questions,
            sum(each[other].right and not each[one].right for each in voted) / questions,
        )
        for one, other in combinations(members, 2)
    ]
    differ = sum(any(not each[0].same(one) for one in each) for each in voted) / questions
    some = sum(len({one.right for one in each}) > 1 for each in voted) / questions
    return Disagreement(differ, some, tuple(pairs))
