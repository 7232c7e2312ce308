"""The answers to one question among which one is chosen, and what they say together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy import vote


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion. `result` names the rows it returned, "" where it did not run; `logprob` in nats is of all its
    `tokens`, both None where nobody knows; `learned` is a reward model's logit, None where none was asked or it could
    not read the query. `member` is the place, in a pool, of the policy that wrote it; `weight` is how often its votes
    were right on other questions, `agreement` how often they are those of the others, None where nobody knows. `right`
    is known to nobody who chooses, but the oracle."""

    sql: str
    result: str
    logprob: float | None
    tokens: int | None
    learned: float | None
    right: bool
    member: int = 0
    weight: float | None = None
    agreement: float | None = None

    def same(self, other: "Answer") -> bool:
        """Whether nobody who asked would see a difference: the same result, or the same text where neither ran."""
        return self.result == other.result and bool(self.result or self.sql == other.sql)


def heaviest(answers: Sequence[Answer], weight: Callable[[Answer], float]) -> int:
    """The place of the answer that `policy.vote` chooses, where each weighs so much."""
    results, logprobs = [one.result for one in answers], [one.logprob for one in answers]
    return vote.heaviest(results, [weight(one) for one in answers], logprobs, [one.sql for one in answers])
