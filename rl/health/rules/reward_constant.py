"""Every completion earns the same, whatever it says: the loss has nothing to push."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("all_groups_tied", "gradient_zero")
STEPS = 5
SAME = 1e-6
"""Rounding of float32; with healthy runs of the seedling a batch of eight questions has a standard deviation of 0.13
to 0.28."""


def reward_constant(history: History) -> Diagnosis | None:
    """Within each of five batches, and from batch to batch: a hard task with a reward of 0 and 1 may have a few batches
    of zeros."""
    spread, rewards = history.last("reward_std", STEPS), history.last("reward", STEPS)
    if not spread or not rewards or max(spread) > SAME or max(rewards) - min(rewards) > SAME:
        return None
    return Diagnosis(
        name="reward_constant",
        step=history.step,
        told=f"every completion of the last {STEPS} steps earned {fmean(rewards):.4g}.",
        threshold=f"reward_std and the range of reward under {SAME:g} for {STEPS} steps",
        evidence={"reward": fmean(rewards), "reward_std": max(spread)},
        advice="call the reward in a Python shell with a right and with a wrong answer; if it is 0 because nothing is "
        "ever right, give rewards a denser part (blended or row_overlap), easier questions, or SFT first",
    )
