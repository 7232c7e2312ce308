"""The reward falls hard while the policy changes its whole manner: steps too large have wrecked it."""

from collections.abc import Callable

from rl.health.change import Change
from rl.health.diagnosis import Diagnosis
from rl.health.history import History
from rl.health.rules.parse_failures import ENDINGS

EXPLAINS = (
    *("everything_truncated", "length_at_the_cap", "parse_failures", "entropy_collapse", "gradient_too_large"),
    *("all_groups_tied", "reward_constant", "gradient_zero", "limits_hit"),
)
FIRST = 1
"""Step. The first batch comes from the policy as it was; at 100 times its rate the seedling was wrecked by the
second."""

STEPS = 3
FALL, PLUNGE = 1.0, 2.0
"""Of the standard deviation of the rewards in a batch. In healthy runs of the seedling three steps fell by at most 0.32
of it (with two questions a step by 1.3, within 3 standard errors), and at 100 times their rate by 2.6. A plunge needs
no standard errors, for which the first steps do not suffice."""

SPREAD_STEPS = 20
"""Whose largest deviation is meant: in the first ones of two questions each all may be tied."""

SIGNS = 2
"""A lucky first batch alone can bring one: drawn anew 300 times, 60 healthy steps of two questions each had one
beside a fall in 7 cases, and two in none."""

Sign = Callable[[Change], bool]
MANNERS: dict[str, tuple[str | tuple[str, ...], Sign]] = {
    "kl": ("kl", lambda c: c.after > 0.5),
    "gradient": ("grad_norm", lambda c: c.after > 5 * c.before and c.rises(1.0, 3)),
    "entropy": ("entropy", lambda c: _other(c, 4)),
    "length": ("completions/mean_length", lambda c: _other(c, 2.5)),
    "completions that are cut": ("completions/clipped_ratio", lambda c: c.gain > 0.3),
    "completions without SQL that can be run": (ENDINGS, lambda c: c.gain > 0.3),
}
"""What a lucky first batch does not explain: one whose questions are easy has short answers and no gradient, so those
must differ by 3 standard errors too. In healthy runs of the seedling the shares rose by at most 0.15."""


def _other(change: Change, times: float) -> bool:
    grown = change.after > times * change.before and change.rises(0.0, 3)
    return grown or (change.after < change.before / times and change.falls(0.0, 3))


def learning_rate_too_large(history: History) -> Diagnosis | None:
    """A reward that is trained on has no other reason to fall. A loss of luck alone is not told: two signs in the
    policy's manner must go with a fall, one with a plunge."""
    fall = history.change("reward", STEPS, FIRST)
    spread = history.first("reward_std", min(SPREAD_STEPS, history.step - history.begun))
    if fall is None or not spread:
        return None
    plunged = fall.falls(PLUNGE * max(spread), 0)
    if not plunged and not fall.falls(FALL * max(spread), 3):
        return None
    evidence = {"reward at first": fall.before, "reward now": fall.after}
    signs: list[str] = []
    for sign, (name, is_one) in MANNERS.items():
        found = history.change(name, STEPS, FIRST)
        if found is not None and is_one(found):
            signs.append(sign)
            evidence |= {f"{sign} at first": found.before, f"{sign} now": found.after}
    if len(signs) < (1 if plunged else SIGNS):
        return None
    rate = history.train[-1].values.get("learning_rate")
    return Diagnosis(
        name="learning_rate_too_large",
        step=history.step,
        told=f"the reward fell from {fall.before:.3g} to {fall.after:.3g}, and with it changed: {', '.join(signs)}. "
        "The steps were too large.",
        threshold=f"a fall by {FALL:g} standard deviations of a batch's rewards and 3 standard errors, or by "
        f"{PLUNGE:g}, over {STEPS} steps",
        evidence=evidence | ({"learning_rate": rate} if rate is not None else {}),
        advice="start again with learning_rate a tenth of this (usual: 1e-6 for all weights, 1e-5 for LoRA, 3e-5 for "
        "the seedling), more warmup_steps, max_grad_norm: 0.2; beta: 0.02 holds the policy near its start",
    )
