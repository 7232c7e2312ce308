"""BM25 over documents whose words have weights, for questions whose words may be met by several terms.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), equations 3.15 and, for
weighted fields, 3.20: weights multiply counts before they saturate. The idf has 1 added inside its logarithm, so that a
frequent word never counts against a document (as in Lucene).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence


class Bm25:
    """`documents` map a term to its weighted count; `likeness(word, term)` says how surely a term meets a word.

    Without `likeness` a word is met by itself alone.
    """

    def __init__(
        self,
        documents: Sequence[Mapping[str, float]],
        likeness: Callable[[str, str], float] | None = None,
        k1: float = 1.2,
        b: float = 0.75,
    ) -> None:
        lengths = [sum(document.values()) for document in documents]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        self._likeness = likeness
        self._met: dict[str, dict[int, float]] = {}
        self._weights: dict[str, dict[int, float]] = {}
        for i, document in enumerate(documents):
            room = k1 * (1 - b + b * lengths[i] / mean)
            for term, count in document.items():
                self._weights.setdefault(term, {})[i] = count * (k1 + 1) / (count + room)
        for found in self._weights.values():
            idf = math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
            for i in found:
                found[i] *= idf

    def scores(self, words: Iterable[str]) -> dict[int, float]:
        """Number of a document -> its score, for those above 0. Each different word counts once."""
        found: dict[int, float] = {}
        for word in sorted(set(words)):
            for i, score in self._of(word).items():
                found[i] = found.get(i, 0.0) + score
        return found

    def weights(self, term: str) -> Mapping[int, float]:
        """Number of a document that has the term -> what the term adds to its score."""
        return self._weights.get(term, {})

    def _of(self, word: str) -> dict[int, float]:
        if self._likeness is None:
            return self._weights.get(word, {})
        if word not in self._met:
            best: dict[int, float] = {}
            for term, weights in self._weights.items():
                if like := self._likeness(word, term):
                    for i, weight in weights.items():
                        best[i] = max(best.get(i, 0.0), like * weight)
            self._met[word] = best
        return self._met[word]
