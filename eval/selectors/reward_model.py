"""The sample that the reward model likes best, run or not."""

from collections.abc import Sequence
from math import inf

from eval.candidates import Answer

LEARNED = True


def reward_model(answers: Sequence[Answer]) -> int:
    """The highest logit; the first of several alike. What the model could not read comes last."""

    def liked(place: int) -> tuple[float, int]:
        learned = answers[place].learned
        return -inf if learned is None else learned, -place

    return max(range(len(answers)), key=liked)
