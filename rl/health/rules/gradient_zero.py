"""No gradient reaches the weights."""

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 5
LIMIT = 1e-6
"""1e-3 to 1 is usual (axolotl, docs/training_stability.qmd). Rewards that are all alike leave rounding errors."""


def gradient_zero(history: History) -> Diagnosis | None:
    found = history.last("grad_norm", STEPS)
    if not found or max(found) >= LIMIT:
        return None
    return Diagnosis(
        name="gradient_zero",
        step=history.step,
        told="the gradient is 0 although rewards differ: nothing is being learned.",
        threshold=f"grad_norm under {LIMIT:g} for {STEPS} steps",
        evidence={"grad_norm": max(found)},
        advice="see that something is trainable: lora_target_modules must name layers that are there; "
        "gradient_checkpointing with a frozen embedding needs use_reentrant: false; "
        "mask_truncated_completions may mask everything",
    )
