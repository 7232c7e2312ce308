"""Queries run into the sandbox's walls: forbidden, too slow, too large for memory, or they bring it down."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

ENDINGS = ("sql/forbidden", "sql/timeout", "sql/memory", "sql/crash")
STEPS = 5
SHARE = 0.2
RISE = 0.05
"""Healthy runs of the seedling had none."""


def limits_hit(history: History) -> Diagnosis | None:
    shares, change = history.last(ENDINGS, STEPS), history.change(ENDINGS, STEPS)
    if not shares:
        return None
    rising = change is not None and change.rises(RISE, 4)
    if fmean(shares) < SHARE and not rising:
        return None
    evidence = {name: fmean(found) for name in ENDINGS if (found := history.last(name, STEPS))}
    if change:
        evidence["together at first"] = change.before
    return Diagnosis(
        name="limits_hit",
        step=history.step,
        told=f"{fmean(shares):.0%} of the queries were forbidden, ran out of time or memory, or crashed"
        + (", and their share is rising." if rising else "."),
        threshold=f"{SHARE:g} of {STEPS} steps, or {RISE:g} more than in the first {STEPS} and 4 standard errors",
        evidence=evidence,
        advice="read them in rollouts/ (status): forbidden says that the policy tries what the sandbox refuses; "
        "timeouts on golds' own size of work ask for a higher sql_timeout; on a full machine, fewer sandbox_workers",
    )
