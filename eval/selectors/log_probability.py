"""The sample that the policy finds most probable as a whole."""

from collections.abc import Sequence

from eval.candidates import Answer

LIKELY = True


def log_probability(answers: Sequence[Answer]) -> int:
    """The highest sum of log-probabilities; the first of several alike."""
    return max(range(len(answers)), key=lambda place: (answers[place].logprob or 0.0, -place))
