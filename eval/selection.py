"""How good each way of choosing is, question by question, for several numbers of samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from random import Random

from eval.candidates import Answer
from eval.selectors import NAMES, Selector, load
from eval.selectors.oracle import pass_at
from rewards.paired import Difference, Interval, accuracy, paired_difference

DRAWS = 128
"""Subsets of a question's samples that stand for all of them, where there are more."""


@dataclass(frozen=True, slots=True)
class Question:
    """One that can be graded, its samples, and the greedy answer where there is one."""

    example: str
    answers: tuple[Answer, ...]
    greedy: Answer | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """One way at one n. `values` holds for each question the share of subsets of n samples in which it chooses a right
    answer; `differs` is how often it chooses another than greedy, `against` its difference to greedy (to one sample
    where there is no greedy answer)."""

    way: str
    n: int
    values: tuple[float, ...]
    accuracy: Interval
    against: Difference
    differs: float | None


def sizes(most: int) -> list[int]:
    """1, 2, 4 ... and `most`."""
    return sorted({1 << power for power in range(most.bit_length())} | {most})


def subsets(samples: int, n: int, seed: int, draws: int = DRAWS) -> list[tuple[int, ...]]:
    """Places of n samples: every subset where there are at most `draws`, else so many drawn, each in order."""
    if comb(samples, n) <= draws:
        return list(combinations(range(samples), n))
    random = Random(seed)
    return [tuple(sorted(random.sample(range(samples), n))) for _ in range(draws)]


def ways(learned: bool, likely: bool, members: int = 1, fitted: bool = False) -> list[Selector]:
    """Those that can be asked, the worst informed first and the oracle last."""
    found = [load(name) for name in NAMES]
    order = {"first": 0, "oracle": 2}
    found = [way for way in found if (learned or not way.learned) and (likely or not way.likely)]
    found = [way for way in found if way.members <= members and (fitted or not way.fitted)]
    return sorted(found, key=lambda way: order.get(way.name, 1))


def compare(questions: Sequence[Question], most: int, learned: bool, seed: int = 0) -> list[Chosen]:
    """Every way at every n up to `most`, greedy (where there is one) as a way with n = 1 that is before all others."""
    one = [sum(answer.right for answer in each.answers) / len(each.answers) for each in questions]
    greedy = [float(each.greedy.right) for each in questions if each.greedy is not None]
    before = greedy or one
    found: list[Chosen] = []
    if greedy:
        found.append(_chosen("greedy", 1, greedy, before, 0.0))
    likely = all(answer.logprob is not None for each in questions for answer in each.answers)
    for way in ways(learned, likely):
        for n in sizes(min(most, way.most or most)):
            values, apart = zip(*(worth(way, each, n, seed) for each in questions), strict=True)
            differs = sum(apart) / len(apart) if greedy else None
            found.append(_chosen(way.name, n, values, before, differs))
    return found


def worth(way: Selector, question: Question, n: int, seed: int) -> tuple[float, float]:
    """The share of subsets in which it is right, and in which it differs from greedy."""
    answers, right, apart = question.answers, 0, 0
    places = subsets(len(answers), n, seed)
    for some in places:
        chosen = answers[some[way.choose([answers[place] for place in some])]]
        right += chosen.right
        apart += question.greedy is not None and not chosen.same(question.greedy)
    if way.name == "oracle":
        return pass_at(n, len(answers), sum(answer.right for answer in answers)), apart / len(places)
    return right / len(places), apart / len(places)


def _chosen(way: str, n: int, values: Sequence[float], before: Sequence[float], differs: float | None) -> Chosen:
    return Chosen(way, n, tuple(values), accuracy(values), paired_difference(before, values), differs)
