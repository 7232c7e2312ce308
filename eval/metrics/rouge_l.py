"""ROUGE-L of the SQL text (Lin, 2004), as rouge-score 0.1.2 computes it.

The reward of that name, for the nearest gold.
"""

from envs.example import Example
from eval.best_of_golds import best
from rewards.rouge_l import f_measure


def rouge_l(sql: str, example: Example) -> float | None:
    """F-measure in [0, 1] of the raw texts, 0.0 where there is no SQL. Signs such as `<` are no words to it."""
    return best(example, lambda gold: f_measure(gold, sql))
