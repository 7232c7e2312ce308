"""The numbers: of every measure and every policy a mean with its interval, over all questions or a slice of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.measure.interval import Mean, mean
from eval.measure.question import Measure, Question, Said


@dataclass(frozen=True, slots=True)
class Cell:
    """`mean` is None where no question is scored. `scored` questions count in it, and `unscored` ones not, each with
    why."""

    mean: Mean | None
    scored: int
    unscored: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A cell a policy. `same` says that every policy is scored on the same questions."""

    measure: Measure
    cells: tuple[Cell, ...]
    same: bool

    @property
    def empty(self) -> bool:
        return not any(cell.scored for cell in self.cells)


Values = Mapping[str, Said]
"""Id of a question -> what a measure says of it."""


def values(measure: Measure, questions: Sequence[Question]) -> Values:
    return {question.example.id: measure.of(question) for question in questions}


def row(measure: Measure, found: Sequence[Values], only: Sequence[str] | None = None) -> Row:
    """`found` has the values of each policy; `only` are the ids of a slice."""
    kept = [one if only is None else {name: one[name] for name in only if name in one} for one in found]
    scored = [{name for name, value in one.items() if not isinstance(value, str)} for one in kept]
    return Row(measure, tuple(map(_cell, kept)), all(one == scored[0] for one in scored))


def _cell(found: Values) -> Cell:
    known = [value for value in found.values() if not isinstance(value, str)]
    why = Counter(value for value in found.values() if isinstance(value, str))
    return Cell(mean(known) if known else None, len(known), dict(why.most_common()))
