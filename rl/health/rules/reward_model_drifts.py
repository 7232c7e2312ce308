"""A learned reward model no longer says what is right: the policy has found what it likes, or it never knew."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("reward_hacking",)
MEAN, RIGHT, MISORDERED = "reward_model/mean", "reward_model/right_share", "reward_model/misordered"
STEPS = 5
"""At least in each of the two windows; they grow with the run to 20."""

RISE = 0.05
"""Of the mean of the model's values, which lie in [0, 1]."""

CHANCE = 0.45
"""Of the pairs of a right and a wrong answer to one question; a coin misorders 0.5. Over ten steps of few questions two
bad models, one fitted to the length of queries, misordered 0.52 and 0.67; a single step of theirs was anything from 0
to 1. No well-trained model has been seen at it yet. `reward_model/auc` is no measure for this: it compares answers to
different questions too, which such a model was never trained for."""
CHANCE_STEPS = 10


def reward_model_drifts(history: History) -> Diagnosis | None:
    """Where its mean rises and the right answers among the same completions do not, and where it tells right from wrong
    no better than a coin. Questions of a batch are easy or hard for both, so the gap between the two is compared too,
    in which that cancels."""
    return _risen(history) or _coin(history)


def _risen(history: History) -> Diagnosis | None:
    steps = min(20, (history.train[-1].step - history.begun) // 2) if history.train else 0
    learned = history.change(MEAN, steps) if steps >= STEPS else None
    if learned is None or not learned.rises(RISE, 3):
        return None
    truth, gap = history.change(RIGHT, steps), history.change((MEAN, f"-{RIGHT}"), steps)
    if truth is None or gap is None or truth.gain > 0 or not gap.rises(learned.gain, 3):
        return None
    return _diagnosis(
        history,
        f"the learned reward rose from {learned.before:.3g} to {learned.after:.3g}, while the right answers among the "
        f"same completions went from {truth.before:.1%} to {truth.after:.1%}: it is over-optimised.",
        f"learned reward up by {RISE:g} and 3 standard errors, right answers not up, {steps} steps against the first",
        {f"{MEAN} at first": learned.before, f"{MEAN} now": learned.after}
        | {f"{RIGHT} at first": truth.before, f"{RIGHT} now": truth.after},
    )


def _coin(history: History) -> Diagnosis | None:
    told = history.last(MISORDERED, CHANCE_STEPS)
    if not told or fmean(told) < CHANCE:
        return None
    return _diagnosis(
        history,
        f"of right and wrong answers to one question the reward model put {fmean(told):.0%} the wrong way round, where "
        "a coin would half of them: what it adds to the reward is noise, or worse.",
        f"{MISORDERED} at least {CHANCE:g}, the mean of {CHANCE_STEPS} steps",
        {MISORDERED: fmean(told)},
    )


def _diagnosis(history: History, told: str, threshold: str, evidence: dict[str, float]) -> Diagnosis:
    return Diagnosis(
        name="reward_model_drifts",
        step=history.step,
        told=told,
        threshold=threshold,
        evidence=evidence,
        advice="read in rollouts/ what is wrong and has a high reward_model; give rewards.reward_model weight 0, or "
        "learned_if_wrong in its place, which pays right answers alike; train the model anew on pairs from this "
        "policy's own samples",
    )
