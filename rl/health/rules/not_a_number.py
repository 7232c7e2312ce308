"""A number that the training rests on is not a number, or infinite."""

from math import isfinite

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

WATCHED = ("loss", "policy_loss", "grad_norm", "reward", "kl", "entropy")
"""Not everything that is logged: the standard deviation of a single number is honestly none."""


def not_a_number(history: History) -> Diagnosis | None:
    """Told at once. Stops at a loss that is none, for its step has spoiled every weight; at a gradient only when two
    logs running have it, since float16 overflows now and then and its scaler skips that step."""
    if not history.train:
        return None
    values = history.train[-1].values
    broken = {name: value for name in WATCHED if not isfinite(value := values.get(name, 0.0))}
    if values.get("sql/unscored") == 1:
        broken.pop("reward", None)  # the mean of nothing, which the rule `unscored` tells
    if not broken:
        return None
    before = history.train[-2].values.get("grad_norm", 0.0) if len(history.train) > 1 else 0.0
    lasting = "loss" in broken or ("grad_norm" in broken and not isfinite(before))
    return Diagnosis(
        name="not_a_number",
        step=history.step,
        told=f"{' and '.join(broken)} {'is' if len(broken) == 1 else 'are'} not finite.",
        threshold="any of " + ", ".join(WATCHED) + " that is NaN or infinite",
        evidence=broken,
        advice="go back to the last checkpoint with learning_rate a third of this and max_grad_norm 0.2; bf16: true "
        "instead of fp16: true; temperature nearer 1.0; look for a reward that is not finite",
        stop=lasting,
    )
