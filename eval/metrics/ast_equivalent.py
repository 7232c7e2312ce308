"""Whether the answer says the same as the gold, as far as their trees show it.

Trees are those of `eval.trees.canonical`: names resolved by the schema, simplified by sqlglot 30.30, in one order where
SQL gives none. 1.0 proves that both give the same rows wherever sqlglot reads the text as the engine does; 0.0 proves
nothing. No official definition.
"""

from envs.example import Example
from eval.best_of_golds import best
from eval.trees.canonical import canonical


def ast_equivalent(sql: str, example: Example) -> float | None:
    """1.0 or 0.0; 0.0 for an answer that cannot be read, None where no gold can be."""
    found = canonical(sql, example.dialect, example.schema)

    def same(gold_sql: str) -> float | None:
        gold = canonical(gold_sql, example.dialect, example.schema)
        return None if gold is None else float(found is not None and found.text == gold.text)

    return best(example, same)
