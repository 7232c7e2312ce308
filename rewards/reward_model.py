"""What a learned reward model thinks of the query: the one reward that is an opinion, and no look at a result."""

import math

from envs.rollout import Rollout
from rewards.parseable import parseable

READS_LEARNED = True


def reward_model(rollout: Rollout) -> float | None:
    """The model's logit through a sigmoid, in [0, 1]; None where no model was asked, or it could not read the query. A
    completion without a query, or with one that may not run, earns 0, whatever the model would say."""
    if rollout.learned is None:
        return None
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, rollout.learned)))) if parseable(rollout) else 0.0
