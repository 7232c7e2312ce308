"""Soft-F1 of two answers, as BIRD's mini-dev computes it: how much of their rows is the same, row beside row.

Source: bird-bench/mini_dev, evaluation/evaluation_f1.py at 2932a2b (calculate_f1_score). Kept as it is: rows that
repeat count once; the n-th row is laid beside the n-th whether the query orders them or not, so that the same rows in
another order may be worth 0; within a row a cell counts as found wherever it stands and however often, and all cells
are divided by the number of the gold's columns, so that one right value written three times counts as three.
"""

from collections.abc import Sequence

from envs.values import Row


def soft_f1(gold_rows: Sequence[Row], rows: Sequence[Row]) -> float:
    """In [0, 1]; 1.0 of two empty answers, 0.0 where one is. Linear in the number of cells."""
    if not gold_rows or not rows:
        return float(not gold_rows and not rows)
    gold, found = list(dict.fromkeys(gold_rows)), list(dict.fromkeys(rows))
    common = wrong = missed = 0.0
    for one, other in zip(gold, found, strict=False):
        if one == other:
            common += 1
            continue
        here, there = set(one), set(other)
        matches = sum(cell in here for cell in other)
        common += matches / len(one)
        wrong += (len(other) - matches) / len(one)
        missed += sum(cell not in there for cell in one) / len(one)
    missed += max(len(gold) - len(found), 0)
    wrong += max(len(found) - len(gold), 0)
    if not common:
        return 0.0
    precision, recall = common / (common + wrong), common / (common + missed)
    return 2 * precision * recall / (precision + recall)
