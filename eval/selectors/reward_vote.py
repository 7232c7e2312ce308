"""The result whose samples the reward model likes best together: its vote times the model's opinion.

Each completion that ran votes with the sigmoid of its logit, in (0, 1), so that a result's weight is its number of
votes times the mean opinion of them. What the model could not read votes with 0.
"""

from collections.abc import Sequence

from eval.candidates import Answer, heaviest
from policy import vote

LEARNED = True


def reward_vote(answers: Sequence[Answer]) -> int:
    return heaviest(answers, lambda answer: vote.opinion(answer.learned))
