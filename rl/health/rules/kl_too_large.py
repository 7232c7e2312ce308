"""The policy has moved far from its reference."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 5
LIMIT = 2.0
"""Under 0.5 is usual and over 2 an alarm (axolotl, docs/training_stability.qmd). Only a run with beta above 0 logs
it."""


def kl_too_large(history: History) -> Diagnosis | None:
    """TRL's estimate of KL(policy || reference), in nats a token."""
    found = history.last("kl", STEPS)
    if not found or fmean(found) <= LIMIT:
        return None
    return Diagnosis(
        name="kl_too_large",
        step=history.step,
        told="the policy has gone far from the one it began as.",
        threshold=f"kl over {LIMIT:g} over {STEPS} steps; under 0.5 is usual",
        evidence={"kl": fmean(found)},
        advice="halve learning_rate, or raise beta; fewer num_iterations; lower max_grad_norm",
    )
