"""The first sample that ran, whatever it returned: what executing is worth without a vote."""

from collections.abc import Sequence

from eval.candidates import Answer


def first_that_ran(answers: Sequence[Answer]) -> int:
    return next((place for place, answer in enumerate(answers) if answer.result), 0)
