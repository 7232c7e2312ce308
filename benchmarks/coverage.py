"""Does the interval of a head-to-head cover the true difference, and how often does it see one that is not there?

    python -m benchmarks.coverage [--simulations 2000] [--questions 400] [--seed 0]

Pairs of systems are simulated whose true accuracies are known. A question is as hard for both, a little easier for one
of the two, for one training seed, for one run; how much of each follows from how often two runs differ. The shares of
differing questions are those of real runs of the seedling on 400 questions: 14% for a fine-tuned one against its base,
10% for two seeds of one training, 1.5 to 2.5% for a run of DPO or GRPO against the one it began from.

`covers`: the 95% interval holds the true difference. `alarm`: it leaves 0 out. `p < 0.05`: the test says so. `called`:
both, which is when a head-to-head calls a policy better. `sees` is the mean difference, in points, that the report says
it can see, and `found` how often it is called where it is the true one. Exit status 1 where coverage is not 94 to 96%
or alarms without a difference are not 4 to 6%; of 2,000 simulations about one row in twenty strays that far by chance.
"""

import argparse
import math
import sys
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from rewards.paired_seeds import pooled_difference

NORMAL = NormalDist()
GRID = np.linspace(-8.0, 8.0, 4001)
DENSITY = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi) * (GRID[1] - GRID[0])
_BELOW = np.vectorize(NORMAL.cdf)


@dataclass(frozen=True, slots=True)
class Case:
    """Accuracies of both, and how often the runs of both at one seed, and of one at two seeds, differ."""

    seeds: int
    before: float
    after: float
    differing: float
    seeds_differing: float = 0.1

    @property
    def true(self) -> float:
        return self.after - self.before


CASES = [
    Case(seeds, 0.66, after, differing)
    for seeds in (1, 3)
    for differing in (0.14, 0.1, 0.025, 0.015)
    for after in (0.66, 0.67, 0.68)
    if after - 0.66 < 0.9 * differing
]


def both_right(one: float, two: float, shared: float) -> float:
    """Of two systems with these accuracies whose hidden strengths on a question are correlated by `shared`."""
    ends = [NORMAL.inv_cdf(one), NORMAL.inv_cdf(two)]
    rest = math.sqrt(1 - shared)
    left, right = (_BELOW((end - math.sqrt(shared) * GRID) / rest) for end in ends)
    return float((DENSITY * left * right).sum())


def correlation(one: float, two: float, differing: float) -> float:
    """At which so many questions are right in one and not in the other."""
    low, high = 0.0, 1 - 1e-7
    for _ in range(40):
        middle = (low + high) / 2
        far = one + two - 2 * both_right(one, two, middle)
        low, high = (middle, high) if far > differing else (low, middle)
    return low


def answered(
    case: Case, questions: int, between: float, within: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What both answer right, each of shape (seeds, questions). `between` and `within` are correlations of hidden
    strength: of the runs of both at one seed, and of two seeds of one."""
    common = min(between, within)
    parts = (common, max(0.0, between - common), max(0.0, within - common))
    weights = [math.sqrt(part) for part in (*parts, 1 - sum(parts))]
    hard, seed = random.standard_normal(questions), random.standard_normal((case.seeds, questions))
    found: list[np.ndarray] = []
    for accuracy in (case.before, case.after):
        own, run = random.standard_normal(questions), random.standard_normal((case.seeds, questions))
        strength = weights[0] * hard + weights[1] * seed + weights[2] * own + weights[3] * run
        found.append((strength < NORMAL.inv_cdf(accuracy)).astype(np.int64))
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares of the simulations, but `changed` and `sees`: the mean of questions that changed, and of `detectable`."""

    covers: float
    alarm: float
    test: float
    called: float
    changed: float
    sees: float


def tally(case: Case, questions: int, simulations: int, seed: int) -> Tally:
    random = np.random.default_rng(seed)
    between = correlation(case.before, case.after, case.differing)
    within = correlation(case.before, case.before, case.seeds_differing)
    found = np.zeros((simulations, 6))
    for place in range(simulations):
        one = pooled_difference(*answered(case, questions, between, within, random))
        covers = one.low - 1e-9 <= case.true <= one.high + 1e-9
        alarm, test = one.low > 0 or one.high < 0, one.p < 0.05
        found[place] = (covers, alarm, test, alarm and test, one.changed, one.detectable)
    return Tally(*(float(value) for value in found.mean(axis=0)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("| seeds | accuracies | runs differ | changed | covers | alarm | p < 0.05 | called | sees | found |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    missed = 0
    for case in CASES:
        found = tally(case, given.questions, given.simulations, given.seed)
        null = case.true == 0
        missed += not 0.94 <= found.covers <= 0.96 or (null and not 0.04 <= found.alarm <= 0.06)
        shares = " | ".join(f"{100 * one:.1f}" for one in (found.covers, found.alarm, found.test, found.called))
        seen = ""
        if null:
            there = replace(case, after=case.before + found.sees)
            seen = f"{100 * tally(there, given.questions, given.simulations, given.seed).called:.0f}"
        print(
            f"| {case.seeds} | {100 * case.before:.0f} and {100 * case.after:.0f} | {100 * case.differing:.1f}% | "
            f"{found.changed:.1f} | {shares} | {100 * found.sees:.1f} | {seen} |",
            flush=True,
        )
    print(f"\n{missed} rows miss the bar")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
