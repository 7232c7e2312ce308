"""The ruler is broken: completions go unscored because no gold can be laid beside them."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("reward_constant", "all_groups_tied", "gradient_zero")
STEPS = 3
SHARE = 0.1
"""Golds that do not run are left out before training, so a healthy run has 0."""


def unscored(history: History) -> Diagnosis | None:
    """Stops where the share is over `max_unscored_share`: what is learned then is learned from the rest alone."""
    shares = history.last("sql/unscored", STEPS)
    if not shares or fmean(shares) <= SHARE:
        return None
    return Diagnosis(
        name="unscored",
        step=history.step,
        told=f"{fmean(shares):.0%} of the completions could not be scored, so nothing was learned from them.",
        threshold=f"over {SHARE:g} of the completions of {STEPS} steps; stops over {history.max_unscored_share:g}",
        evidence={"sql/unscored": fmean(shares)},
        advice="look at reason and ungradable in rollouts/; python -m rewards.validate finds golds that do not run; a "
        "database that was moved, or a full disk or memory, fails all at once; fewer sandbox_workers need less memory",
        stop=fmean(shares) > history.max_unscored_share,
    )
