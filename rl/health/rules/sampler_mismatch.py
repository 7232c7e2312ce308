"""The sampler and the trainer disagree about the policy: tokens were drawn from other probabilities than are
trained."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 3
LIMIT = 0.1
"""Under 0.1 is usual (axolotl, docs/training_stability.qmd), and bfloat16 alone stays there. Float32 lies far below
it."""


def sampler_mismatch(history: History) -> Diagnosis | None:
    """Mean absolute difference of the log-probability of a sampled token; logged where vLLM samples."""
    found = history.last("sampling/sampling_logp_difference/mean", STEPS)
    if not found or fmean(found) <= LIMIT:
        return None
    largest = history.last("sampling/sampling_logp_difference/max", STEPS)
    return Diagnosis(
        name="sampler_mismatch",
        step=history.step,
        told="the sampler's weights or arithmetic are not the trainer's: completions come from another policy.",
        threshold=f"mean difference of log-probabilities over {LIMIT:g} nats a token over {STEPS} steps",
        evidence={"sampling/sampling_logp_difference/mean": fmean(found)}
        | ({"sampling/sampling_logp_difference/max": max(largest)} if largest else {}),
        advice="if it grows from step to step the weights are not synchronised; if it is there from the first step, "
        "the arithmetic differs: dtype: float32 on both sides, or use_vllm: false to be sure; temperature must be "
        "the same",
    )
