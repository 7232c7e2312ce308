"""1.0 for a proven answer; for a wrong one half of what a learned reward model thinks of it.

Where `reward_model` is added to the score of right answers too, a group of right answers differs by the model's taste
alone, and a trainer that divides by the group's standard deviation blows that taste up to the size of right against
wrong. Here right answers are alike, whatever the model says, and it only orders wrong ones, all of them below.
"""

from envs.rollout import Rollout
from rewards.blended import HARD
from rewards.parseable import parseable
from rewards.reward_model import reward_model

READS_LEARNED = True
MOST = 0.5
"""What a wrong answer earns that the model is sure of."""


def learned_if_wrong(rollout: Rollout) -> float | None:
    """In [0, 1]; None where there is no ruler, no model was asked, or it could not read the query. As in `blended` what
    the gate refused, ended hard or reads no table earns 0."""
    proven, learned = rollout.verdict.proven, reward_model(rollout)
    if proven is None or learned is None:
        return None
    if not parseable(rollout) or rollout.execution.status in HARD:
        return 0.0
    if proven:
        return 1.0
    return 0.0 if rollout.verdict.constant else MOST * learned
