"""The answers to one question among which one is chosen, and what they say together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion. `result` names the rows it returned, "" where it did not run; `logprob` in nats is of all its
    `tokens`, both None where nobody knows; `learned` is a reward model's logit, None where none was asked or it could
    not read the query. `right` is known to nobody who chooses, but the oracle."""

    sql: str
    result: str
    logprob: float | None
    tokens: int | None
    learned: float | None
    right: bool

    def same(self, other: "Answer") -> bool:
        """Whether nobody who asked would see a difference: the same result, or the same text where neither ran."""
        return self.result == other.result and bool(self.result or self.sql == other.sql)


def heaviest(answers: Sequence[Answer], weight: Callable[[Answer], float]) -> int:
    """The place of the answer that the heaviest result stands for: completions that return the same rows, in any order,
    add their weights (Shi et al., 2022, arXiv:2204.11454).

    What did not run has no weight. Of equally heavy results the one with the higher mean log-probability of its
    completions wins, then the one that was first. A result is answered by its heaviest completion, the first of several
    alike; where nothing ran, the first is.
    """
    together: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        if answer.result:
            together.setdefault(answer.result, []).append(place)
    if not together:
        return 0

    def merit(places: list[int]) -> tuple[float, float, int]:
        total = fsum(weight(answers[place]) for place in places)
        return total, fsum(answers[place].logprob or 0.0 for place in places) / len(places), -places[0]

    return max(max(together.values(), key=merit), key=lambda place: (weight(answers[place]), -place))
