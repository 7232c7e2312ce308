"""What a learned reward model thinks of the query: the one reward that is an opinion, and no look at a result."""

import math

from envs.rollout import Rollout


def reward_model(rollout: Rollout) -> float | None:
    """The model's logit through a sigmoid, in [0, 1]; None where no model was asked, or it could not read the query. A
    completion without a query has the logit minus infinity, and earns 0."""
    if rollout.learned is None:
        return None
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, rollout.learned))))
