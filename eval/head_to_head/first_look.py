"""What somebody who opens the report wants to know first: which is better, by how much, how sure, on what."""

from dataclasses import dataclass

from eval.head_to_head.comparison import Comparison, Pair, Standing
from eval.head_to_head.numbers import chance, counted, percent, rarity, signed
from eval.head_to_head.verdict import WORDS


@dataclass(frozen=True, slots=True)
class Look:
    """A question, its answer in a few words, and what belongs to it."""

    asked: str
    answer: str
    told: str


def first_look(found: Comparison) -> list[Look]:
    """Four of them, in the words of whoever has never seen such a report."""
    return [*(_two(found, found.pairs[0]) if len(found.pairs) == 1 else _several(found)), _data(found)]


def _two(found: Comparison, pair: Pair) -> list[Look]:
    change = pair.difference
    better, other = sorted(found.policies, key=lambda one: one.accuracy.mean, reverse=True)
    right = (
        f"{better.name} answers {percent(better.accuracy.mean)}% right, {other.name} {percent(other.accuracy.mean)}%"
    )
    right = right if pair.sure else f"no difference that this test can see: {right}"
    least = f"a test like this finds a difference of {percent(change.detectable)} points four times of five"
    if change.detectable > 0.95:
        least = "this test has too few questions to see any difference"
    return [
        Look("Which is better?", better.name if pair.sure else "not known", right),
        Look(
            "By how much?",
            f"{signed(change.mean)} points",
            f"{pair.after} less {pair.before}, 95% interval {signed(change.low)} to {signed(change.high)}; "
            f"{counted(change.gained, 'question')} gained, {change.lost:,} lost",
        ),
        Look(
            "How sure?",
            chance(pair.p_holm),
            f"equal policies would differ this much {rarity(pair.p_holm)}; {least}",
        ),
    ]


def _several(found: Comparison) -> list[Look]:
    best, second = sorted(found.policies, key=lambda one: one.accuracy.mean, reverse=True)[:2]
    pair = next(one for one in found.pairs if {one.before, one.after} == {best.name, second.name})
    change, ours = pair.difference, [one for one in found.pairs if best.name in (one.before, one.after)]
    ends = sorted((change.low, change.high) if pair.after == best.name else (-change.low, -change.high))
    sees = [
        percent(one.difference.detectable) for one in sorted(found.pairs, key=lambda one: one.difference.detectable)
    ]
    least = f"{sees[0]} points" if sees[0] == sees[-1] else f"{sees[0]} to {sees[-1]} points, by pair,"
    sure = sum(one.sure for one in found.pairs)
    return [
        Look("Which is best?", best.name if all(one.sure for one in ours) else "not known", _highest(best, second)),
        Look(
            "By how much?",
            f"{signed(abs(change.mean))} points",
            f"{best.name} over {second.name}, the next; 95% interval {signed(ends[0])} to {signed(ends[1])}",
        ),
        Look(
            "How sure?",
            f"{sure} of {len(found.pairs)} pairs differ",
            f"with p below 0.05 as corrected for {len(found.pairs)} pairs; a test like this finds a difference of "
            f"{least} four times of five",
        ),
    ]


def _highest(best: Standing, second: Standing) -> str:
    first, next_one = percent(best.accuracy.mean), percent(second.accuracy.mean)
    return f"{best.name} is highest with {first}% right, then {second.name} with {next_one}%"


def _data(found: Comparison) -> Look:
    data, seeds = found.data, sorted({len(one.paths) for one in found.policies})
    each = f"{WORDS.get(seeds[0], str(seeds[0]))} seed{'' if seeds[0] == 1 else 's'} each"
    told = f"the {data['split']} split of {data['task']}{found.about and f' ({found.about})'}; "
    told += each if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds each"
    left = f"; {len(found.unscored):,} more cannot be graded" if found.unscored else ""
    return Look("On what?", counted(found.questions, "question"), told + left)
