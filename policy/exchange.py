"""One question and all the turns of its answer: what the policy wrote, what it read, and which token is whose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from envs.execution import Status
from envs.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Turn:
    """What was written, after the thought that the prompt opened if any; the query in it as it was played, None where
    it holds none; what was read after it, "" where nothing was."""

    text: str
    played: Rollout | None
    observation: str = ""

    def row(self) -> dict[str, Any]:
        played = self.played
        return {
            "text": self.text,
            "sql": played.sql if played else "",
            "status": (played.execution.status if played else Status.NO_SQL).value,
            "message": played.execution.message if played else "",
            "observation": self.observation,
        }


@dataclass(slots=True)
class Exchange:
    """It grows turn by turn. `ids` follow `prompt_ids`; `mask` is 1 where the policy wrote them and 0 where it read;
    `logprobs` has one number for each of `ids` (0.0 for what was read), None where nobody asked."""

    example_id: str
    prompt_ids: list[int]
    ids: list[int] = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] | None = None
    turns: list[Turn] = field(default_factory=list)

    @property
    def final(self) -> str:
        """The text that counts: of the last turn that holds a query, or else of the last."""
        return next((turn for turn in reversed(self.turns) if turn.played), self.turns[-1]).text

    @property
    def queries(self) -> list[Rollout]:
        """The queries in the order in which they were written."""
        return [turn.played for turn in self.turns if turn.played]

    @property
    def repaired(self) -> bool:
        """Whether the first query is wrong and the last right."""
        return self._judged() == (False, True)

    @property
    def broken(self) -> bool:
        """Whether the first query is right and the last wrong."""
        return self._judged() == (True, False)

    def row(self) -> dict[str, Any]:
        """What a row of rollouts tells of it: how many tokens the policy wrote, and its turns."""
        return {"tokens": sum(self.mask), "turns": [turn.row() for turn in self.turns]}

    def append(self, ids: list[int], by_policy: bool, logprobs: list[float] | None = None) -> None:
        if self.logprobs is not None or logprobs is not None:
            self.logprobs = (self.logprobs or []) + ([0.0] * len(ids) if logprobs is None else logprobs)
        self.ids = self.ids + ids
        self.mask = self.mask + [int(by_policy)] * len(ids)

    def _judged(self) -> tuple[bool | None, bool | None]:
        verdicts = [query.verdict.correct for query in self.queries]
        return (verdicts[0], verdicts[-1]) if verdicts else (None, None)


def told(exchanges: Sequence[Exchange]) -> dict[str, float]:
    """What a batch of exchanges says of their turns: how many, and shares of exchanges repaired and broken in them."""
    count = len(exchanges)
    return {
        "turns/mean": sum(len(one.turns) for one in exchanges) / count,
        "turns/repaired": sum(one.repaired for one in exchanges) / count,
        "turns/broken": sum(one.broken for one in exchanges) / count,
    }
