"""A soft penalty for a long completion: DAPO's soft overlong punishment (Yu et al., 2025, arXiv:2503.14476, eq. 13).

Measured in characters, so that it is the same for every tokenizer. The constants are meant for the strict prompt, which
asks for SQL and nothing else: the longest gold of gretel has 761 characters and of Spider's train set 577. Give it
weight 0 where a policy is asked to think first.
"""

from envs.rollout import Rollout

FREE = 768
"""Characters of completion that cost nothing."""

BUFFER = 512
"""Characters beyond them over which the penalty falls from 0 to -1."""


def brevity(rollout: Rollout) -> float:
    """In [-1, 0], for right and wrong answers alike: 0 up to 768 characters, -1 from 1,280."""
    excess = len(rollout.completion) - FREE
    return 0.0 - min(max(excess, 0) / BUFFER, 1.0)
