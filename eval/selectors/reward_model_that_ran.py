"""The sample that the reward model likes best among those that ran."""

from collections.abc import Sequence

from eval.candidates import Answer
from eval.selectors.reward_model import reward_model

LEARNED = True


def reward_model_that_ran(answers: Sequence[Answer]) -> int:
    """As `reward_model` among the completions that returned a result; among all where none did."""
    ran = [place for place, answer in enumerate(answers) if answer.result]
    return ran[reward_model([answers[place] for place in ran])] if ran else reward_model(answers)
