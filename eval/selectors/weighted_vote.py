"""The result that weighs most, where a vote weighs as much as its policy's votes were right on other questions."""

from collections.abc import Sequence

from eval.candidates import Answer, heaviest

FITTED = True
MEMBERS = 2


def weighted_vote(answers: Sequence[Answer]) -> int:
    return heaviest(answers, lambda answer: answer.weight or 0.0)
