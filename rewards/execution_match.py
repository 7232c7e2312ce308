"""1.0 when the query returns what the gold returns (Zhong et al., 2017, arXiv:1709.00103)."""

from envs.rollout import Rollout


def execution_match(rollout: Rollout) -> float | None:
    """1.0, 0.0, or None where there is no ruler; gold that writes is judged by the state it leaves.

    This is the number evaluation reports as accuracy, so a vacuous equality counts as the verdict says: published
    accuracies count it too. A reward to train on should not pay for one; see `blended`.
    """
    correct = rollout.verdict.correct
    return None if correct is None else float(correct)
