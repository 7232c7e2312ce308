"""The result whose samples the reward model likes best together: its vote times the model's opinion.

Each completion that ran votes with the sigmoid of its logit, in (0, 1), so that a result's weight is its number of
votes times the mean opinion of them. What the model could not read votes with 0.
"""

from collections.abc import Sequence
from math import exp

from eval.candidates import Answer, heaviest

LEARNED = True


def reward_vote(answers: Sequence[Answer]) -> int:
    return heaviest(answers, opinion)


def opinion(answer: Answer) -> float:
    return 0.0 if answer.learned is None else 1 / (1 + exp(-max(-60.0, min(60.0, answer.learned))))
