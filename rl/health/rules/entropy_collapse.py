"""The policy has stopped exploring: its entropy is next to nothing."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 10
FLOOR = 0.005
SHARE = 0.2
"""Usual is 0.05 to 0.5 (axolotl, docs/training_stability.qmd), but it depends on the model: healthy runs of the
seedling lie at 0.02 to 0.21 a step, and ten steps were never under 0.59 of the first ten, so the fall counts. A
wrecked one fell to 0.07 of them, single steps to 0.0003."""


def entropy_collapse(history: History) -> Diagnosis | None:
    """In nats a token, of what was sampled: where answers are only read (`logps/chosen`, DPO) it depends on them."""
    now = history.last("entropy", STEPS)
    if not now or history.last("logps/chosen", STEPS):
        return None
    change = history.change("entropy", STEPS)
    fell = change is not None and change.after <= SHARE * change.before and change.falls(0.0, 3)
    if not fell and fmean(now) >= FLOOR:
        return None
    evidence = {"entropy": fmean(now)}
    if change:
        evidence["entropy at first"] = change.before
    return Diagnosis(
        name="entropy_collapse",
        step=history.step,
        told="the policy nearly always says the same: its completions no longer differ enough to learn from.",
        threshold=f"under {FLOOR:g} nats a token over {STEPS} steps, or under {SHARE:g} of the first {STEPS}",
        evidence=evidence,
        advice="halve learning_rate; beta: 0.02 keeps it near where it began; epsilon_high: 0.28 lets rare tokens "
        "grow; higher temperature; or stop here, if held-out accuracy is where it should be",
    )
