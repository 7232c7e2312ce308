"""The result that weighs most, where a vote weighs as much as its policy agrees with the others.

A policy's agreement is how often a sample of its own and one of another policy that both ran return the same, over all
the questions that are asked. No gold is read for it.
"""

from collections.abc import Sequence

from eval.candidates import Answer, heaviest

MEMBERS = 3
"""Two agree with each other alike."""


def agreement_vote(answers: Sequence[Answer]) -> int:
    return heaviest(answers, lambda answer: answer.agreement or 0.0)
