"""BLEU of the SQL text (Papineni et al., 2002; Post, 2018), as sacrebleu 2.6.0 computes it, in [0, 1].

Its defaults: tokenizer 13a, case counts, exponential smoothing. A sentence's has the effective order (`sentence_bleu`);
a corpus's (`corpus_bleu`) has not, and is no mean of sentences. All golds of a question are its references.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from envs.example import Example
from eval.best_of_golds import golds

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU

LONGEST = 20_000
"""Characters of an answer that are looked at, as many as the gate lets through."""


def bleu(sql: str, example: Example) -> float | None:
    """Of one answer; 0.0 where there is no SQL."""
    return _sentences().sentence_score(sql[:LONGEST], list(golds(example))).score / 100


def corpus_bleu(sqls: Sequence[str], examples: Sequence[Example]) -> float | None:
    """Of all answers together, question by question; None where there are none."""
    from sacrebleu.metrics.bleu import BLEU

    if not sqls:
        return None
    references = [golds(example) for example in examples]
    most = max(map(len, references))
    columns = [[some[i] if i < len(some) else None for some in references] for i in range(most)]
    return BLEU().corpus_score([sql[:LONGEST] for sql in sqls], columns).score / 100


@lru_cache(maxsize=1)
def _sentences() -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)
