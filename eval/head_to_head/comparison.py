"""All numbers of a head-to-head, computed once for the page, the Markdown and the JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from eval.head_to_head.flips import Flip, flips
from eval.head_to_head.numbers import percent
from eval.head_to_head.outcome import Outcome, by_judge
from eval.head_to_head.policies import Asked, Cost, Policy
from eval.head_to_head.same_questions import Matched
from eval.head_to_head.slices import Slice, groups, slices
from rewards.paired import Interval
from rewards.paired_seeds import PooledDifference, holm, pooled_accuracy, pooled_difference

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy. `each_seed` are accuracies; `outcomes` how many answers of a seed ended so, on average; `by` accuracy
    within each difficulty."""

    name: str
    paths: tuple[str, ...]
    accuracy: Interval
    each_seed: tuple[float, ...]
    outcomes: dict[str, float]
    by: dict[str, Interval]
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies, `after` against `before`. `p_holm` is p as it stands beside all other pairs, and `sure` whether it
    is below 0.05 and the interval leaves 0 out. `each_seed` is (difference, gained, lost) of the seeds at one place,
    empty where they are not as many. `mended` and `broken` count how lost and gained questions were wrong."""

    before: str
    after: str
    difference: PooledDifference
    p_holm: float
    sure: bool
    each_seed: tuple[tuple[float, int, int], ...]
    mended: dict[str, int]
    broken: dict[str, int]
    slices: tuple[Slice, ...]
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`unscored` maps the questions that count for nobody to the reason; `notes` are sentences a sceptic asks for.
    `compared` says that wrong answers are named by how their query differs from the gold, and not by the judge's words;
    `about` says where the questions come from.
    """

    data: dict[str, Any]
    stand_in: bool
    questions: int
    unscored: dict[str, str]
    policies: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]
    compared: bool = False
    about: str = ""


def compare(
    policies: Sequence[Policy],
    found: Matched,
    asked: Mapping[str, Asked],
    notes: Sequence[str],
    outcome: Outcome = by_judge,
    about: str = "",
) -> Comparison:
    """Every policy alone, and every later one against every earlier one; `outcome` names how answers are wrong."""
    couples = list(combinations(policies, 2))
    alpha = ALPHA / len(couples)
    differences = [pooled_difference(found.right[one.name], found.right[two.name], alpha) for one, two in couples]
    beside = holm([one.p for one in differences])
    pairs = [
        _pair(*couple, found, asked, difference, p, outcome)
        for couple, difference, p in zip(couples, differences, beside, strict=True)
    ]
    first = policies[0].runs[0]
    return Comparison(
        data=dict(first.conditions),
        stand_in=any(run.stand_in for policy in policies for run in policy.runs),
        questions=len(found.questions),
        unscored=found.unscored,
        policies=tuple(_standing(policy, found, asked, outcome) for policy in policies),
        pairs=tuple(pairs),
        notes=(*notes, *_doubts(policies, found)),
        compared=outcome is not by_judge,
        about=about,
    )


def _standing(policy: Policy, found: Matched, asked: Mapping[str, Asked], outcome: Outcome) -> Standing:
    right = found.right[policy.name]
    ended = Counter(outcome(name, run.answers[name])[0] for run in policy.runs for name in found.questions)
    parts = groups(found.questions, asked, "difficulty")
    return Standing(
        name=policy.name,
        paths=tuple(run.path for run in policy.runs),
        accuracy=pooled_accuracy(right, len(found.unscored)),
        each_seed=tuple(float(one.mean()) for one in right),
        outcomes={name: count / len(policy.runs) for name, count in ended.most_common()},
        by={name or "not told": pooled_accuracy(right[:, places]) for name, places in parts.items()},
        costs=tuple(run.cost for run in policy.runs),
    )


def _pair(
    before: Policy,
    after: Policy,
    found: Matched,
    asked: Mapping[str, Asked],
    difference: PooledDifference,
    beside: float,
    outcome: Outcome,
) -> Pair:
    ours, theirs = found.right[before.name], found.right[after.name]
    changed = flips(found.questions, asked, before, after, found.right, outcome)
    each: list[tuple[float, int, int]] = []
    for one, two in zip(ours, theirs, strict=True) if len(ours) == len(theirs) else ():
        each.append((float(two.mean() - one.mean()), int((two > one).sum()), int((two < one).sum())))
    return Pair(
        before=before.name,
        after=after.name,
        difference=difference,
        p_holm=beside,
        sure=beside < ALPHA and (difference.low > 0 or difference.high < 0),
        each_seed=tuple(each),
        mended=_wrong(changed, True),
        broken=_wrong(changed, False),
        slices=tuple(slices(found.questions, asked, ours, theirs, difference.alpha)),
        flips=tuple(changed),
    )


def _wrong(changed: Sequence[Flip], gained: bool) -> dict[str, int]:
    """How the questions that were gained had been wrong, or those that were lost are wrong now; each counted once."""
    return dict(Counter(flip.error for flip in changed if flip.gained is gained).most_common())


def _doubts(policies: Sequence[Policy], found: Matched) -> list[str]:
    told: list[str] = []
    for policy in policies:
        texts = [tuple(run.answers[name].sql for name in found.questions) for run in policy.runs]
        if len(set(texts)) < len(texts):
            told.append(f"Seeds of {policy.name} wrote the very same answers: are they copies of one run?")
    counts = {policy.name: len(policy.runs) for policy in policies}
    if len(set(counts.values())) > 1:
        seeds = ", ".join(f"{name} {count}" for name, count in counts.items())
        told.append(f"Policies have not as many seeds each ({seeds}), so p between them is approximate.")
    if max(counts.values()) == 1:
        told.append("One seed each: how much another training seed would move these numbers is not known from this.")
    else:
        told.append("Intervals are about other questions asked of these very runs, not about further training seeds.")
    spread = [found.right[policy.name].mean(axis=1) for policy in policies]
    ranges = [
        f"{policy.name} {percent(one.min())} to {percent(one.max())}"
        for policy, one in zip(policies, spread, strict=True)
    ]
    if max(counts.values()) > 1:
        told.append(f"Accuracy by seed: {', '.join(ranges)}.")
    lengths = {policy.name: sorted({str(run.longest) for run in policy.runs}) for policy in policies}
    if len({tuple(one) for one in lengths.values()}) > 1:
        cut = ", ".join(f"{name} {' and '.join(one)}" for name, one in lengths.items())
        told.append(f"Answers were cut at different lengths, in tokens: {cut}.")
    return told
