"""In nearly every group all completions earn the same, so that their advantages are 0."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("gradient_zero",)
STEPS = 10
SHARE = 0.9
"""A healthy run has under 0.8 (axolotl, docs/training_stability.qmd), and ten steps of two groups each tell a share to
0.09. In healthy runs of the seedling ten steps had at most 0.34."""


def all_groups_tied(history: History) -> Diagnosis | None:
    """`sql/tied` counts the groups themselves; TRL's `frac_reward_zero_std` does so only with `scale_rewards:
    group`, and with `batch` asks whether the whole batch is tied (trl 1.16)."""
    name = "sql/tied" if history.last("sql/tied", STEPS) else "frac_reward_zero_std"
    shares = history.last(name, STEPS)
    if not shares or fmean(shares) < SHARE:
        return None
    rewards = history.last("reward", STEPS)
    return Diagnosis(
        name="all_groups_tied",
        step=history.step,
        told=f"in {fmean(shares):.0%} of the groups every completion earned the same, so there is hardly anything to "
        "learn from.",
        threshold=f"{SHARE:g} of the groups of {STEPS} steps",
        evidence={name: fmean(shares)} | ({"reward": fmean(rewards)} if rewards else {}),
        advice="a reward near its top asks for harder questions, one near 0 for easier ones or a denser reward "
        "(blended, row_overlap); higher num_generations or temperature make completions differ",
    )
