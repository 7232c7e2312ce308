"""The result that most samples return.

Completions that did not run have no vote; ties as in `policy.vote`, which names the papers.
"""

from collections.abc import Sequence

from eval.candidates import Answer, heaviest


def majority(answers: Sequence[Answer]) -> int:
    return heaviest(answers, lambda answer: 1.0)
