"""ROUGE-1 of the SQL text (Lin, 2004), as rouge-score 0.1.2 computes it: words that answer and gold share."""

from envs.example import Example
from eval.best_of_golds import best
from eval.ngrams import rouge_n


def rouge_1(sql: str, example: Example) -> float | None:
    """F-measure in [0, 1] of the raw texts, 0.0 where there is no SQL. Signs such as `<` are no words to it."""
    return best(example, lambda gold: rouge_n(1, gold, sql))
