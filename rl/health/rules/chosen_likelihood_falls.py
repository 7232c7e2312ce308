"""Preferred answers become less likely while their margin over the rejected ones grows: likelihood displacement
(Razin et al., 2024, arXiv:2410.08847). What the policy says instead is neither of the two.
"""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 10
FALL = 5.0
SHARE = 0.1
"""In nats an answer, and of what it was. A run whose policy lost 7 points by it went from -112 to -160."""


def chosen_likelihood_falls(history: History) -> Diagnosis | None:
    """Against the first steps, whose pairs are others, so that the log-ratio to the reference must be negative too: it
    is of the same pairs."""
    chosen, margins = history.change("logps/chosen", STEPS), history.change("rewards/margins", STEPS)
    ratio = history.last("rewards/chosen", STEPS)
    if chosen is None or margins is None or not ratio or fmean(ratio) >= 0 or margins.gain <= 0:
        return None
    if not chosen.falls(max(FALL, SHARE * abs(chosen.before)), 3):
        return None
    return Diagnosis(
        name="chosen_likelihood_falls",
        step=history.step,
        told=f"the log-probability of preferred answers fell from {chosen.before:.1f} to {chosen.after:.1f} while the "
        "margin over the rejected ones grew: the policy learns what not to say, and forgets what to say.",
        threshold=f"a fall by {FALL:g} nats, {SHARE:.0%} and 3 standard errors, {STEPS} steps against the first, and a "
        "margin that rises",
        evidence={"logps/chosen at first": chosen.before, "logps/chosen now": chosen.after}
        | {"rewards/margins now": margins.after, "rewards/chosen now": fmean(ratio)},
        advice="loss_type: [sigmoid, sft] holds preferred answers up, apo_zero pushes each side for itself; a third of "
        "this learning_rate; a higher beta; pairs that the policy wrote itself, and chosen ones nearer to the rejected",
    )
