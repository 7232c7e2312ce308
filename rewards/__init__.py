"""Rewards: pure functions from a `Rollout` to a number.

One reward a file: `rewards/executes.py` holds the function `executes`, and the same word names it in a config, in the
tracker and in a report. To add one, add its file and its test. None means unscored, never zero: no ruler could be laid
beside that answer, so it is masked and counted.
"""

from collections.abc import Callable
from importlib import import_module
from math import isfinite
from pathlib import Path

from envs.rollout import Rollout

Reward = Callable[[Rollout], float | None]

HELPERS = {
    *("__init__", "admission_page", "admission_report", "admission_style", "admission_words"),
    *("paired", "paired_seeds", "play", "rollout_text", "validate"),
}
"""Files of this folder that are no rewards."""

NAMES = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if f.stem not in HELPERS)


def load(name: str) -> Reward:
    """The reward of that name."""
    if name not in NAMES:
        raise ValueError(f"no reward named {name!r}; rewards/ has: {', '.join(NAMES)}")
    reward: Reward = getattr(import_module(f"rewards.{name}"), name)
    return reward


def reads_learned(name: str) -> bool:
    """Whether a learned reward model must be asked for it: its file says `READS_LEARNED`."""
    return bool(getattr(import_module(f"rewards.{name}"), "READS_LEARNED", False))


def score(name: str, rollout: Rollout) -> float | None:
    """What a reward says, as a float that JSON knows. A reward is anybody's code: raises whatever it raises, and
    ValueError where it gives no finite number."""
    found = load(name)(rollout)
    if found is None:
        return None
    if not isfinite(found):
        raise ValueError(f"the score is {found}; it must be a finite number, or None for unscored")
    return float(found)


def score_if_any(name: str, rollout: Rollout) -> float | None:
    """None too where the reward fails on it: one that is only noted down must not end a run. What fails in training is
    told and counted (`rl/reward_adapter.py`)."""
    try:
        return score(name, rollout)
    except Exception:
        return None
