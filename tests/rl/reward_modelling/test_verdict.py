"""A report must not call a model good that knows corruptions only."""

from rewards.paired import accuracy
from rl.reward_modelling.agreement import Agreement, Estimate
from rl.reward_modelling.verdict import verdict

SOME = Estimate(0.5, 0.4, 0.6, 100)


def agreed(value: float, low: float) -> Agreement:
    return Agreement(SOME, Estimate(value, low, value + 0.05, 100), SOME, SOME, SOME, SOME, SOME)


def test_high_on_corruptions_and_weak_on_samples_is_said_aloud() -> None:
    whole = accuracy([1.0] * 97 + [0.0] * 3)
    assert "WEAK WHERE IT COUNTS" in verdict(whole, {"limit": whole}, agreed(0.65, 0.6))
    assert "Do not train on it" in verdict(whole, {"limit": whole}, agreed(0.52, 0.47))
    assert "agrees with execution" in verdict(whole, {"limit": whole}, agreed(0.9, 0.86))
    assert "not measured" in verdict(whole, {"limit": whole}, None)


def test_kinds_under_the_bar_are_named_whatever_the_mean() -> None:
    whole, weak = accuracy([1.0] * 95 + [0.0] * 5), accuracy([1.0] * 6 + [0.0] * 4)
    told = verdict(whole, {"join key": weak, "limit": whole}, None)
    assert "under 90%: join key 60%" in told and "limit" not in told
