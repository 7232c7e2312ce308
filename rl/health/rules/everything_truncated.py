"""Nearly every completion is cut at `max_completion_length`, so that no answer is ever finished."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("length_at_the_cap", "parse_failures", "reward_constant", "all_groups_tied", "gradient_zero")
STEPS = 3
SHARE = 0.9
"""A healthy run has under 0.3 (axolotl, docs/training_stability.qmd); three steps of the seedling's
at most 0.06."""


def everything_truncated(history: History) -> Diagnosis | None:
    shares = history.last("completions/clipped_ratio", STEPS)
    if not shares or fmean(shares) < SHARE:
        return None
    lengths = history.last("completions/mean_length", STEPS)
    return Diagnosis(
        name="everything_truncated",
        step=history.step,
        told=f"{fmean(shares):.0%} of the completions are cut before they end: the policy is judged on torn answers.",
        threshold=f"{SHARE:g} of the completions of {STEPS} steps",
        evidence={"completions/clipped_ratio": fmean(shares)}
        | ({"completions/mean_length": fmean(lengths)} if lengths else {}),
        advice="raise max_completion_length; a model that thinks first needs room for it, or chat_template_kwargs: "
        "{enable_thinking: false}; see in rollouts/ whether completions end and go on, as with a wrong stop token",
    )
