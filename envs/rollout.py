"""Everything known about one completion, frozen: the only thing a reward sees."""

from dataclasses import dataclass

from envs.example import Example
from envs.execution import Execution
from envs.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Rollout:
    """`sql` is the query in the completion, "" when there is none; `gate` says why it may not run, "" when it may.
    `learned` is the logit of a learned reward model (`policy/learned_reward.py`), None where none was asked.
    """

    example: Example
    completion: str
    sql: str
    gate: str
    execution: Execution
    verdict: Verdict
    learned: float | None = None
