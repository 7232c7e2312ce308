"""A pool beside each of its members: as many samples, the same questions, every way of choosing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.pool.members import Asked
from eval.pool.subsets import Subset, pooled_pass_at, pooled_subsets
from eval.selection import Question, sizes, ways, worth
from eval.selectors import Selector, load
from rewards.paired import Difference, Interval, accuracy, paired_difference
from rewards.paired_seeds import holm

CURVES = ("majority", "oracle")
"""The ways that are asked at every n; the others at the largest only."""
FLIPS = 20_000
"""Of the signs of all questions."""


@dataclass(frozen=True, slots=True)
class Line:
    """One way at one n, of the pool (`member` None) or of one member alone; `values` as in `eval.selection.Chosen`."""

    member: int | None
    way: str
    n: int
    values: tuple[float, ...]
    accuracy: Interval


@dataclass(frozen=True, slots=True)
class Against:
    """The pool less one member that chose by `member_way`, at the largest n. `p_holm` stands beside all p of the table;
    `best` says that no member did better by that way on these questions."""

    way: str
    member: int
    member_way: str
    difference: Difference
    p: float
    p_holm: float
    best: bool


def lines_of(asked: Sequence[Asked], most: int, learned: bool, fitted: bool, seed: int) -> list[Line]:
    """The pool first, then each member; within each the worst informed way first."""
    samples, members = len(asked[0].answers[0]), len(asked[0].answers)
    likely = all(one.logprob is not None for each in asked for some in each.answers for one in some)
    places = {n: pooled_subsets(samples, members, n, seed) for n in sizes(most)}
    found: list[Line] = []
    for way in ways(learned, likely, members, fitted):
        for n in _numbers(way, most):
            found.append(_line(None, way, n, [_pooled(way, each, places[n], n) for each in asked]))
    for member in range(members):
        alone = [Question(each.example, each.answers[member], None) for each in asked]
        for way in ways(learned, likely):
            for n in _numbers(way, most):
                found.append(_line(member, way, n, [worth(way, each, n, seed)[0] for each in alone]))
    return found


def against_members(lines: Sequence[Line], most: int) -> list[Against]:
    """Every way of the pool at the largest n beside each member choosing likewise, or by majority where only a pool can
    choose so. The oracle is no way of choosing and not compared."""
    largest = {(one.member, one.way): one for one in lines if one.n == most}
    members = sorted({one.member for one in lines if one.member is not None})
    pairs: list[tuple[Line, Line, float]] = []
    for pool in [one for (member, way), one in largest.items() if member is None and way != "oracle"]:
        theirs = "majority" if load(pool.way).members > 1 else pool.way
        alone = [largest[member, theirs] for member in members]
        best = max(one.accuracy.mean for one in alone)
        pairs += [(pool, one, best) for one in alone]
    chances = [sign_flip(one.values, pool.values) for pool, one, _ in pairs]
    return [
        Against(
            pool.way,
            one.member if one.member is not None else -1,
            one.way,
            paired_difference(one.values, pool.values),
            p,
            beside,
            one.accuracy.mean == best,
        )
        for (pool, one, best), p, beside in zip(pairs, chances, holm(chances), strict=True)
    ]


def against_mean(lines: Sequence[Line], most: int) -> Difference:
    """The pool less the mean of its members, by majority at the largest n: what it is worth to somebody who does not
    know which member is the best."""
    found = {one.member: one.values for one in lines if one.n == most and one.way == "majority"}
    pool = found.pop(None)
    return paired_difference([sum(some) / len(found) for some in zip(*found.values(), strict=True)], pool)


def sign_flip(before: Sequence[float], after: Sequence[float], seed: int = 0, flips: int = FLIPS) -> float:
    """Two-sided: how often the mean difference is at least this far from 0 when each question's sign is a fair coin's,
    drawn so many times, the data themselves counted as one (Phipson and Smyth, 2010)."""
    changes = np.array([b - a for a, b in zip(before, after, strict=True) if a != b])
    if not len(changes):
        return 1.0
    random = np.random.default_rng(seed)
    far, least, left = 0, abs(changes.sum()) - 1e-9, flips
    while left:
        some = min(left, 2_000)
        far += int((np.abs((random.integers(0, 2, (some, len(changes))) * 2 - 1) @ changes) >= least).sum())
        left -= some
    return (1 + far) / (1 + flips)


def _numbers(way: Selector, most: int) -> list[int]:
    if way.name in CURVES:
        return sizes(most)
    return [most if way.most is None else min(most, way.most)]


def _pooled(way: Selector, asked: Asked, subsets: Sequence[Subset], n: int) -> float:
    if way.name == "oracle":
        right = [sum(one.right for one in some) for some in asked.answers]
        return pooled_pass_at(n, len(asked.answers[0]), right)
    right = 0
    for subset in subsets:
        some = [asked.answers[member][place] for member, place in subset]
        right += some[way.choose(some)].right
    return right / len(subsets)


def _line(member: int | None, way: Selector, n: int, values: Sequence[float]) -> Line:
    return Line(member, way.name, n, tuple(values), accuracy(values))
