"""Completions hold no SQL that may be run: none was found, the gate refused it, or the engine could not read it."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("reward_constant", "all_groups_tied", "gradient_zero")
ENDINGS = ("sql/no_sql", "sql/rejected", "sql/syntax")
STEPS = 3
SHARE = 0.5
RISE_STEPS = 5
RISE = 0.2
"""In healthy runs of the seedling three steps had at most 0.08, single ones 0.14, and five steps rose by 0.03; with two
questions a step by 0.14. One that was paid for length rose by 0.21."""


def parse_failures(history: History) -> Diagnosis | None:
    shares = history.last(ENDINGS, STEPS)
    if not shares:
        return None
    change = history.change(ENDINGS, RISE_STEPS)
    high, rising = fmean(shares) >= SHARE, change is not None and change.rises(RISE, 4)
    if not high and not rising:
        return None
    evidence = {name: fmean(found) for name in ENDINGS if (found := history.last(name, STEPS))}
    if change:
        evidence |= {"together at first": change.before, "together now": change.after}
    if high:
        told = f"{fmean(shares):.0%} of the completions hold no SQL that can be run"
    else:
        told = f"completions without SQL that can be run went from {change.before:.0%} to {change.after:.0%}"
    return Diagnosis(
        name="parse_failures",
        step=history.step,
        told=told + (", and their share is rising." if high and rising else "."),
        threshold=f"{SHARE:g} of {STEPS} steps, or {RISE:g} more than in the first {RISE_STEPS} and 4 standard errors",
        evidence=evidence,
        advice="read completion and sql in rollouts/ side by side: if the SQL is there and was not found, prompt: "
        "strict or the parser is at fault; if it was never there, begin with SFT; if it was there before, "
        "halve learning_rate",
    )
