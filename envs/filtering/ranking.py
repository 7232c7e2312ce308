"""Tables and columns of a schema, ranked for a question: names and meanings by BM25, values by what the question says.

A table's words are those of its name, `Weights.name` times each, and those of its columns; the values that stand in the
question and in one of its columns add their idf; then what stands near in the graph of foreign keys adds a share, for a
question names the ends of a join more often than its middle. No part of it draws or learns anything: equal scores are
in the order of the schema.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envs.catalogue import Catalogue
from envs.filtering.bm25 import Bm25
from envs.filtering.join_paths import JoinGraph
from envs.filtering.values_asked import ValueIndex
from envs.filtering.words import likeness, terms, words

Place = tuple[int, int]
"""Numbers of a table and of a column in it."""
Values = Mapping[Place, Iterable[str]]
"""Texts that a column holds."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. `spread` and `steps` are of `JoinGraph.spread`; `meaning` is a word beside a name's 1."""

    name: float = 3.0
    meaning: float = 0.5
    value: float = 1.0
    spread: float = 0.5
    steps: int = 2
    b: float = 0.5
    alike: bool = True


@dataclass(frozen=True, slots=True)
class Ranked:
    """Scores by number, for tables with their neighbours' share. `tables` has all of them, best first."""

    tables: tuple[int, ...]
    scores: Mapping[int, float]
    columns: Mapping[Place, float]


class Ranking:
    """A schema that is asked often: words and values are indexed once."""

    def __init__(self, catalogue: Catalogue, values: Values | None = None, weights: Weights | None = None) -> None:
        self.catalogue, self.graph = catalogue, JoinGraph(catalogue)
        self.weights = found = weights or Weights()
        self._places = [(i, j) for i, table in enumerate(catalogue.tables) for j in range(len(table.columns))]
        columns: list[Counter[str]] = []
        tables: list[Counter[str]] = []
        for table in catalogue.tables:
            whole = _counted(table.name, found.name) + _counted(table.meaning, found.meaning)
            for column in table.columns:
                own = _counted(column.name, 1.0) + _counted(column.meaning, found.meaning)
                columns.append(own)
                whole += own
            tables.append(whole)
        like = likeness if found.alike else None
        self._tables, self._columns = Bm25(tables, like, b=found.b), Bm25(columns, like, b=found.b)
        at = {place: i for i, place in enumerate(self._places)}
        self._values = ValueIndex((at[place], texts) for place, texts in (values or {}).items())

    def __call__(self, question: str) -> Ranked:
        """The ranking for one question, with its evidence where there is any."""
        asked = words(question) if self.weights.alike else terms(question)
        columns = {self._places[i]: score for i, score in self._columns.scores(asked).items()}
        own = self._tables.scores(asked)
        for _, weight, found in self._values.found(question):
            worth = self.weights.value * weight
            for i in found:
                columns[self._places[i]] = columns.get(self._places[i], 0.0) + worth
            for table in sorted({self._places[i][0] for i in found}):
                own[table] = own.get(table, 0.0) + worth
        scores = self.graph.spread(own, self.weights.spread, self.weights.steps) if self.weights.spread else own
        order = sorted(range(len(self.catalogue.tables)), key=lambda i: (-scores.get(i, 0.0), i))
        return Ranked(tuple(order), scores, columns)


def _counted(text: str, weight: float) -> Counter[str]:
    found: Counter[str] = Counter()
    for term in terms(text):
        found[term] += weight  # pyright: ignore[reportArgumentType]
    return found
