"""The ruler for the kind: what a person would let pass, where `envs.compare.strict` says no.

Four things more than strict: the columns in another order (one order for all rows), numbers rounded to the precision
that the gold shows, dates and times written in another way (never with a time left out), and the parts of a string
aggregate in another order where the gold fixes none. For writes: types that are synonyms. NULL, 0, '' and '0' stay four
values.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import cast

from envs import compare, string_aggregates
from envs.column_types import plain_type
from envs.engines import Relation, Result, State
from envs.execution import Value
from envs.renderings import Column, Look, read, rounded_columns, shown_decimals

CELLS = 20_000
"""Answers with more cells than this are not looked at."""
FUZZY = 0


def equal(gold: Result, answer: Result, blocks: Sequence[int] | None, gold_sql: str, dialect: str) -> bool:
    """Whether the answer would pass. `blocks` as in `envs.compare.strict`; counts that differ never pass."""
    width = gold.columns
    if width != answer.columns or len(gold.rows) != len(answer.rows):
        return False
    if not gold.rows:
        return True
    if width * len(gold.rows) > CELLS:
        return False
    columns = cast(list[Column], list(zip(*gold.rows, strict=True)))
    others = cast(list[Column], list(zip(*answer.rows, strict=True)))
    if Counter(map(_kinds, columns)) != Counter(map(_kinds, others)):
        return False
    separators = string_aggregates.unordered(gold_sql, dialect, width)
    rounded = rounded_columns(gold_sql, dialect)
    looks = [Look(rounded.get(i, shown_decimals(column)), separators.get(i)) for i, column in enumerate(columns)]
    golden = [read(column, look) for column, look in zip(columns, looks, strict=True)]
    return _Search(golden, others, looks, blocks or [len(gold.rows)]).found()


def hopeless(gold: Result, answer: Result, gold_sql: str) -> bool:
    """Whether two answers that strict tells apart, and that do not hold the same cells, cannot be `equal` either.

    A quick look: nothing in them could be read in another way.
    """
    lower = gold_sql.lower()
    if any(word in lower for word in ("concat", "agg", "list", "array")):
        return False
    for rows in (gold.rows, answer.rows):
        for value in chain.from_iterable(rows):
            if isinstance(value, float) or (isinstance(value, str) and value[:4].isdigit()):
                return False
    return True


def state(gold: State, found: State) -> bool:
    """Whether two databases are the same but for synonyms among the types of their columns."""
    return compare.state(_plain_types(gold), _plain_types(found), State()).state is True


class _Search:
    """Columns of the answer for those of the gold, one by one, as long as the rows so far are the same.

    A row so far is a number: the same for equal values in rows that may be exchanged.
    """

    def __init__(self, gold: list[Column], others: list[Column], looks: list[Look], blocks: Sequence[int]) -> None:
        self._gold, self._others, self._looks, self._blocks = gold, others, looks, blocks
        self._kinds = [_kinds(column) for column in others]
        self._read: dict[tuple[int, Look], tuple[Column, int]] = {}
        self._taken: list[int] = []
        self._columns: list[Column] = []

    def found(self) -> bool:
        """Whether all of the gold's columns find theirs."""
        start = [i for i, size in enumerate(self._blocks) for _ in range(size)]
        return self._place(0, start, start, False)

    def _place(self, i: int, left: Sequence[int], right: Sequence[int], fuzzy: bool) -> bool:
        if i == len(self._gold):
            return True
        gold, look = self._gold[i], self._looks[i]
        kinds, content, tried = _kinds(gold), _content(gold), set[Column]()
        for j in sorted(range(len(self._others)), key=lambda j: j != i):
            if j in self._taken or self._kinds[j] != kinds:
                continue
            column, other = self._as_read(j, look)
            floats = FUZZY in (other, content)
            if column in tried or (other != content and not floats):
                continue
            tried.add(column)
            self._taken.append(j)
            self._columns.append(column)
            rows = self._so_far(i, left, right, fuzzy or floats)
            if rows and self._place(i + 1, *rows, fuzzy or floats):
                return True
            self._taken.pop()
            self._columns.pop()
        return False

    def _so_far(
        self, i: int, left: Sequence[int], right: Sequence[int], fuzzy: bool
    ) -> tuple[Sequence[int], Sequence[int]] | None:
        """The rows with one column more, None where they differ. `fuzzy`: tolerance may make other numbers the same."""
        numbers: dict[tuple[int, Value], int] = {}
        gold, column = self._gold[i], self._columns[i]
        left = [numbers.setdefault(pair, len(numbers)) for pair in zip(left, gold, strict=True)]
        right = [numbers.setdefault(pair, len(numbers)) for pair in zip(right, column, strict=True)]
        if left == right or Counter(left) == Counter(right):
            return left, right
        if not fuzzy:
            return None
        rows, found = list(zip(*self._gold[: i + 1], strict=True)), list(zip(*self._columns, strict=True))
        if not compare.same_order(rows, found, self._blocks):
            return None
        return left, right

    def _as_read(self, j: int, look: Look) -> tuple[Column, int]:
        if (j, look) not in self._read:
            column = read(self._others[j], look)
            self._read[j, look] = column, _content(column)
        return self._read[j, look]


def _content(column: Column) -> int:
    """The same for columns of the same values, however ordered; FUZZY where a tolerance decides what is the same."""
    counts = Counter(column)
    return FUZZY if any(isinstance(value, float) for value in counts) else hash(frozenset(counts.items()))


def _kinds(column: Column) -> frozenset[tuple[str, int]]:
    kinds = Counter(map(type, column))
    numbers = kinds.pop(int, 0) + kinds.pop(float, 0)
    return frozenset({("number", numbers), *((kind.__name__, count) for kind, count in kinds.items())})


def _plain_types(of: State) -> State:
    relations = {name: replace(relation, columns=_plain_columns(relation)) for name, relation in of.relations.items()}
    return replace(of, relations=relations)


def _plain_columns(relation: Relation) -> tuple[tuple[str, ...], ...]:
    return tuple((name, plain_type(kind), *rest) for name, kind, *rest in relation.columns)
