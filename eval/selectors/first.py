"""One sample, whichever: the mean over all of them."""

from collections.abc import Sequence

from eval.candidates import Answer

MOST = 1


def first(answers: Sequence[Answer]) -> int:
    return 0
