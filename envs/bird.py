"""What BIRD's evaluator says of two answers: equal as sets of raw rows, so order and repetition count for nothing.

Source: AlibabaResearch/DAMO-ConvAI, bird/llm/src/evaluation.py at 483554e; bird-bench/mini_dev keeps the rule.
"""

from collections.abc import Sequence

from envs.values import Row


def equal(gold_rows: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether the two hold the same distinct rows; two empty answers are equal."""
    return gold_rows == rows or set(gold_rows) == set(rows)
