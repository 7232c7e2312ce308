"""Questions that are nearly the same: exact Jaccard similarity of their runs of characters, not every pair looked at.

A pair above the threshold must share one of the rarest runs of either question (prefix filter: Chaudhuri, Ganti and
Kaushik, 2006; Bayardo, Ma and Srikant, 2007), so that only such pairs are compared.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

GRAM = 5
"""Characters in a run."""
THRESHOLD = 0.7
"""Similarity, between 0 and 1, from which two questions are near duplicates."""


def near_pairs(
    earlier: Sequence[str], later: Sequence[str], threshold: float = THRESHOLD
) -> Iterator[tuple[int, int, float]]:
    """(place in `later`, place in `earlier`, similarity) of every pair at or above the threshold, in order of places.

    Texts are compared as they are: fold case and punctuation first.
    """
    numbers: dict[str, int] = {}
    ours, theirs = ([_numbered(text, numbers) for text in texts] for texts in (earlier, later))
    counts = Counter(gram for found in chain(ours, theirs) for gram in found)
    index: dict[int, list[int]] = {}
    for i, found in enumerate(ours):
        for gram in _prefix(found, counts, threshold):
            index.setdefault(gram, []).append(i)
    for j, found in enumerate(theirs):
        candidates = {i for gram in _prefix(found, counts, threshold) for i in index.get(gram, ())}
        whole = set(found)
        for i in sorted(candidates):
            small, large = sorted((len(found), len(ours[i])))
            if small < threshold * large:
                continue
            shared = len(whole.intersection(ours[i]))
            alike = shared / (small + large - shared)
            if alike >= threshold:
                yield j, i, alike


def grams(text: str) -> frozenset[str]:
    """Every run of `GRAM` characters; the text itself where it is shorter."""
    return frozenset(text[i : i + GRAM] for i in range(max(1, len(text) - GRAM + 1)))


def _numbered(text: str, numbers: dict[str, int]) -> "array[int]":
    """The runs of a text as numbers, each text's own once: a hundred thousand questions fit in little memory."""
    return array("I", [numbers.setdefault(gram, len(numbers)) for gram in grams(text)])


def _prefix(found: "array[int]", counts: Counter[int], threshold: float) -> list[int]:
    """The rarest of `found`: of two sets that are alike enough, these must meet."""
    ranked = sorted(found, key=lambda gram: (counts[gram], gram))
    return ranked[: len(ranked) - math.ceil(threshold * len(ranked)) + 1]
