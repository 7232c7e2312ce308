"""The sample whose tokens the policy finds most probable on average."""

from collections.abc import Sequence

from eval.candidates import Answer

LIKELY = True


def mean_log_probability(answers: Sequence[Answer]) -> int:
    """The highest log-probability a token, so that long queries lose nothing by being long; the first of several."""
    return max(range(len(answers)), key=lambda at: ((answers[at].logprob or 0.0) / (answers[at].tokens or 1), -at))
