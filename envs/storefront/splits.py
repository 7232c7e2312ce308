"""Which of the 500 questions is asked in which split."""

from functools import cache

from envs.storefront.dice import Dice
from envs.storefront.family import Asked, Category, ask
from envs.storefront.questions import FAMILIES
from envs.tasks import Split

QUOTAS: dict[Category, tuple[int, int, int]] = {
    "single-table": (70, 10, 20),
    "joins": (52, 8, 15),
    "revenue": (53, 7, 15),
    "time-series": (35, 5, 10),
    "churn": (35, 5, 10),
    "forecast": (35, 5, 10),
    "subscription": (35, 5, 10),
    "window": (18, 2, 5),
    "complex": (10, 2, 3),
    "edge": (7, 1, 2),
}
"""Questions for train, validation and test: 70 / 10 / 20 % of each category, halves rounded so that totals hold."""


def _deal(category: Category) -> dict[Split, list[Asked]]:
    """One category's questions by split: families of one split first, then the shared ones by turns.

    Shared families give their last questions away first, one each in turn, so train keeps some of every one of them.
    """
    families = FAMILIES[category]
    hands: dict[Split, list[Asked]] = {"train": [], "validation": [], "test": []}
    shared: list[list[Asked]] = []
    for family in families:
        if family.home == "any":
            shared.append(ask(family))
        else:
            hands[family.home] += ask(family)
    _, for_validation, for_test = QUOTAS[category]
    turns = [pile for pile in Dice(f"deal {category}").shuffled(shared) if len(pile) > 1]
    at = 0
    wanted: tuple[tuple[Split, int], ...] = (("test", for_test), ("validation", for_validation))
    for split, quota in wanted:
        while len(hands[split]) < quota:
            hands[split].append(turns[at % len(turns)].pop())
            at += 1
    hands["train"] = [asked for pile in shared for asked in pile]
    return hands


@cache
def questions(split: Split) -> list[tuple[Category, Asked]]:
    """A split's questions with their category, in a mixed but fixed order."""
    dealt: list[tuple[Category, Asked]] = []
    for category in FAMILIES:
        dealt.extend((category, asked) for asked in _deal(category)[split])
    return Dice(f"order {split}").shuffled(dealt)
