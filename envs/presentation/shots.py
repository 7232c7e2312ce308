"""Shots: solved questions of a train split that stand in the prompt of another question.

A shot is shown with the tables that its gold reads, in the style `compact`, where they are of another database, and
without where the asked question's schema says them already: DAIL-SQL (Gao et al., 2023, arXiv:2308.15363) leaves all
schemas of shots out, for large models; a small one copies names, and has to be shown where a shot took its own from.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envs import gate, lexical, schema_styles
from envs.catalogue_text import catalogue_of
from envs.example import Example, Shot
from envs.filtering.bm25 import Bm25
from envs.presentation.masked import features
from envs.presentation.schema_part import gold_tables

MOST = 20_000
"""Questions that are searched; of a larger split those that come first by a hash of their name."""
Posting = tuple[NDArray[np.int64], NDArray[np.float64]]
_NONE: Posting = np.zeros(0, np.int64), np.zeros(0)


class Shots:
    """A train split, indexed once. `similar` takes the questions that ask most alike (BM25 over `masked.features`),
    else the same ones for all questions. Nothing is drawn: equal scores go by the order of the split.

    No shot is the question itself or has its words or its gold, nor the gold of another shot. A question of the split
    gets none of its own database where the split has several, as no question of another split would.
    """

    def __init__(self, train: Sequence[Example], similar: bool = True) -> None:
        order = sorted(train, key=lambda one: hashlib.sha256(one.id.encode()).digest())[:MOST]
        kept = {id(one) for one in order}
        self._train = [one for one in train if id(one) in kept] if similar else order
        self._own = {(one.id, _words(one.question)) for one in train}
        self._several = len({one.schema_id for one in train}) > 1
        self._index: Bm25 | None = None
        self._postings: dict[str, Posting] = {}
        if similar:
            self._index = Bm25([Counter(features(one.question, one.schema)) for one in self._train])

    def __call__(self, example: Example, count: int) -> tuple[Shot, ...]:
        """At most so many, the most alike first; fewer where there are no more."""
        found: list[Shot] = []
        words, golds = _words(example.question), {_gold(example)}
        own = (example.id, words) in self._own and self._several
        for one in self._ranked(example):
            if len(found) == count:
                break
            if one.id == example.id or _words(one.question) == words or one.dialect != example.dialect:
                continue
            if _gold(one) in golds or (own and one.schema_id == example.schema_id):
                continue
            if isinstance(gate.parse(one.gold_sql, one.dialect), str):
                continue
            golds.add(_gold(one))
            schema = "" if one.schema == example.schema else _short(one)
            found.append(Shot(one.question, one.gold_sql, one.dialect, schema, one.evidence))
        return tuple(found)

    def _ranked(self, example: Example) -> Iterator[Example]:
        if self._index is None:
            yield from self._train
            return
        scores = np.zeros(len(self._train))
        for term in sorted(set(features(example.question, example.schema))):
            numbers, weights = self._posting(self._index, term)
            scores[numbers] += weights
        for i in np.argsort(-scores, kind="stable"):
            yield self._train[int(i)]

    def _posting(self, index: Bm25, term: str) -> Posting:
        if term not in self._postings:
            if not (found := index.weights(term)):
                return _NONE  # not kept: there are as many as people can type
            numbers, weights = np.fromiter(found, np.int64, len(found)), np.fromiter(found.values(), float, len(found))
            self._postings[term] = numbers, weights
        return self._postings[term]


def _words(question: str) -> str:
    return " ".join(question.lower().split())


def _gold(example: Example) -> str:
    return lexical.unstyled(example.gold_sql, example.database.engine)


@lru_cache(maxsize=MOST)
def _short(example: Example) -> str:
    """The tables that its gold reads; all where sqlglot finds none."""
    whole, read = catalogue_of(example.schema), gold_tables(example)
    part = whole.only(lambda table: not read or table.plain in read, lambda table, column: True)
    return schema_styles.written(part, "compact") if part.tables else ""
