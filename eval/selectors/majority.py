"""The result that most samples return.

Self-consistency (Wang et al., 2022, arXiv:2203.11171) by execution result instead of text, as in MBR-exec (Shi et al.,
2022, arXiv:2204.11454). Completions that did not run have no vote; ties as in `heaviest`.
"""

from collections.abc import Sequence

from eval.candidates import Answer, heaviest


def majority(answers: Sequence[Answer]) -> int:
    return heaviest(answers, lambda answer: 1.0)
