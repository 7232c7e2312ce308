"""Completions grow towards `max_completion_length`: length pays, or the policy forgets how to stop."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 5
SHARE = 0.3
"""Above it a run is unhealthy (axolotl, docs/training_stability.qmd). In healthy runs of the seedling the mean of five
steps stayed under 0.06; one that was paid for length reached 0.53 at step 20."""


def length_at_the_cap(history: History) -> Diagnosis | None:
    shares = history.last("completions/clipped_ratio", STEPS)
    if not shares or fmean(shares) < SHARE:
        return None
    evidence = {"completions/clipped_ratio": fmean(shares)}
    change = history.change("completions/mean_length", STEPS)
    grown = change is not None and change.rises(0.1 * change.before, 3)
    if change:
        evidence |= {"completions/mean_length at first": change.before, "completions/mean_length now": change.after}
    return Diagnosis(
        name="length_at_the_cap",
        step=history.step,
        told=f"{fmean(shares):.0%} of the completions are cut" + (", and they are growing longer." if grown else "."),
        threshold=f"{SHARE:g} of the completions of {STEPS} steps",
        evidence=evidence,
        advice="if the long answers are wrong, add brevity to rewards and read them in rollouts/; if they are right, "
        "raise max_completion_length; mask_truncated_completions: true leaves torn answers out of the loss",
    )
