"""1.0 when the query ran to its end inside its limits, right or wrong."""

from envs.execution import Status
from envs.rollout import Rollout

NOBODY_KNOWS = {Status.CRASH, Status.NO_DATABASE}


def executes(rollout: Rollout) -> float | None:
    """1.0 or 0.0; None when the worker was lost twice or there was no database to run it on."""
    if rollout.execution.status in NOBODY_KNOWS:
        return None
    return float(rollout.execution.ok)
