"""A reward raises, or gives a number that is none."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("unscored",)
STEPS = 3
"""A single bad batch of a run is no reason to stop it."""


def rewards_failing(history: History) -> Diagnosis | None:
    """Told at the first failure: it is a bug, or a machine in trouble. Stops when more completions of the last three
    steps than `max_unscored_share` allows went unscored."""
    if not history.train or not (errors := history.train[-1].values.get("sql/reward_errors")):
        return None
    unscored = history.last("sql/unscored", STEPS)
    shares = {"sql/reward_errors": errors} | ({"sql/unscored": fmean(unscored)} if unscored else {})
    return Diagnosis(
        name="rewards_failing",
        step=history.step,
        told=f"a reward raised, or gave no finite number, for {errors:.0%} of the completions; they count as unscored.",
        threshold=f"one; stops where over {history.max_unscored_share:g} of {STEPS} steps went unscored",
        evidence=shares,
        advice="mend the reward that the traceback above names, then start again; max_unscored_share says how much is "
        "borne",
        stop=bool(unscored) and fmean(unscored) > history.max_unscored_share,
    )
