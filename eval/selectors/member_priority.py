"""The result that most samples return; of equally many votes, those of the policy named first count more.

Name the policy that is trusted most first. Without this, ties go by log-probability, which two policies measure by two
rulers.
"""

from collections.abc import Sequence

from eval.candidates import Answer
from policy import vote

MEMBERS = 2


def member_priority(answers: Sequence[Answer]) -> int:
    """Of results with as many votes, the one whose voters stand first on average in the order of the policies."""
    order = [-float(one.member) for one in answers]
    return vote.heaviest([one.result for one in answers], [1.0] * len(answers), order, [one.sql for one in answers])
