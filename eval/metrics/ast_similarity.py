"""How much of the trees of answer and gold is the same.

2 K / (A + G): K nodes that `sqlglot.diff` (30.30; Change Distiller, Fluri et al., 2007) keeps where it turns one tree
into the other, of A nodes in the answer's `eval.trees.canonical` tree and G in the gold's, names in them not counted.
The diff goes from the tree whose text comes first in the alphabet, so that the figure is the same both ways. No
official definition.
"""

from sqlglot.diff import Keep, diff

from envs.example import Example
from eval.best_of_golds import best
from eval.trees.canonical import Canonical, canonical
from eval.trees.reading import safely

MOST_NODES = 600
"""Of a tree; the time that a diff takes grows with the product of the two."""


def ast_similarity(sql: str, example: Example) -> float | None:
    """In [0, 1], 1.0 where `ast_equivalent` is. 0.0 for an answer that cannot be read, or has more than `MOST_NODES`
    nodes; None where that is true of every gold."""
    found = canonical(sql, example.dialect, example.schema)

    def alike(gold_sql: str) -> float | None:
        gold = canonical(gold_sql, example.dialect, example.schema)
        if gold is None or gold.nodes > MOST_NODES:
            return None
        return 0.0 if found is None or found.nodes > MOST_NODES else similarity(found, gold)

    return best(example, alike)


def similarity(one: Canonical, other: Canonical) -> float:
    """Of two trees, the same both ways; 0.0 where sqlglot fails on them."""
    if one.text == other.text:
        return 1.0
    first, second = (one, other) if one.text < other.text else (other, one)
    edits = safely(diff, first.root.copy(), second.root.copy())
    return 2 * sum(isinstance(edit, Keep) for edit in edits or ()) / (one.nodes + other.nodes)
