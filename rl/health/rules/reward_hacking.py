"""The reward rises and what it stands for does not: the policy may have found something that pays and is useless.

Dominance of one part of a reward is no evidence of that, as earlier detectors took it to be; the reward's course
beside a number that it does not consist of is.
"""

from statistics import fmean

from rl.health.change import Change
from rl.health.diagnosis import Diagnosis
from rl.health.history import HELD_OUT, History

TRUTH = "rewards/execution_match/mean"
ADVICE = (
    "read in rollouts/ what is wrong and highly rewarded; put the weight of rewards on execution_match or blended, "
    "which pay no wrong answer more than a right one; add twins: true against answers that agree by accident; if the "
    "reward is sound, the policy memorises: fewer epochs, more train_size"
)
STEPS = 5
"""At least in each of the two windows; they grow with the run to 20."""

RISE = 0.4
"""Of the standard deviation of the rewards in a batch. In healthy runs of the seedling it rose by at most 0.25 and 1.4
standard errors within 40 steps, and the gap to the truth by 2.4; paid for length, by 0.75 and 3.1 within 15."""


def reward_hacking(history: History) -> Diagnosis | None:
    """Against execution accuracy, which `execution_match: 0` logs of every batch, and against evaluations on held-out
    questions, where their interval is narrow enough to say that they did not follow."""
    return _in_batches(history) or _held_out(history)


def _in_batches(history: History) -> Diagnosis | None:
    """Of the same completions. Questions of a batch are easy or hard for both, so the gap between the two is compared
    too, in which that cancels."""
    steps = min(20, (history.train[-1].step - history.begun) // 2) if history.train else 0
    if steps < STEPS or not (reward := _risen(history, steps)):
        return None
    truth, gap = history.change(TRUTH, steps), history.change(("reward", f"-{TRUTH}"), steps)
    if truth is None or gap is None or truth.gain > 0 or not gap.rises(reward.gain, 3):
        return None
    return Diagnosis(
        name="reward_hacking",
        step=history.step,
        told=f"the reward rose from {reward.before:.3g} to {reward.after:.3g}, while the right answers among the same "
        f"completions went from {truth.before:.1%} to {truth.after:.1%}: reward hacking is suspected.",
        threshold=f"reward up by {RISE:g} of its standard deviation and 3 standard errors, execution_match not up, "
        f"{steps} steps against the first",
        evidence={"reward at first": reward.before, "reward now": reward.after}
        | {f"{TRUTH} at first": truth.before, f"{TRUTH} now": truth.after},
        advice=ADVICE,
    )


def _held_out(history: History) -> Diagnosis | None:
    if len(history.evaluations) < 2:
        return None
    first, now = history.evaluations[0], history.evaluations[-1]
    steps = min(20, (now.step - history.begun) // 2)
    if steps < STEPS or not (reward := _risen(history, steps)):
        return None
    accuracy = Change(first.values[HELD_OUT], now.values[HELD_OUT], 0.0)
    best = now.values.get(f"{HELD_OUT}_high", 1.0) - accuracy.before
    if accuracy.gain > 0 or best >= reward.gain:
        return None
    return Diagnosis(
        name="reward_hacking",
        step=history.step,
        told=f"the reward rose from {reward.before:.3g} to {reward.after:.3g}, while held-out execution accuracy went "
        f"from {accuracy.before:.1%} to {accuracy.after:.1%}: reward hacking is suspected.",
        threshold=f"reward up by {RISE:g} of its standard deviation and 3 standard errors, held-out accuracy not up, "
        "and its interval too narrow for as much",
        evidence={"reward at first": reward.before, "reward now": reward.after}
        | {f"{HELD_OUT} at first": accuracy.before, f"{HELD_OUT} now": accuracy.after}
        | {f"{HELD_OUT}_high now": now.values.get(f"{HELD_OUT}_high", 1.0)},
        advice=ADVICE,
    )


def _risen(history: History, steps: int) -> Change | None:
    reward, spread = history.change("reward", steps), history.first("reward_std", steps)
    return reward if reward and spread and reward.rises(RISE * fmean(spread), 3) else None
