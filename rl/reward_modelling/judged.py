"""A held-out pair and the model's two logits, and how often the right one is preferred. No torch."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from envs.example import Example
from rewards.paired import Interval, accuracy
from rl.pairs.pair import Pair

Asked = tuple[Example, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """`chosen` and `rejected` are the logits of the right and the wrong query."""

    pair: Pair
    chosen: float
    rejected: float

    @property
    def margin(self) -> float:
        return self.chosen - self.rejected

    @property
    def preferred(self) -> float:
        """1 where the right one is, 0 where the wrong one is or neither."""
        return float(self.margin > 0)


def judge(pairs: Sequence[Pair], logits: Callable[[Sequence[Asked]], list[float | None]]) -> tuple[list[Judged], int]:
    """Each pair that the model can read, and how many it cannot, being longer than what it was trained on."""
    asked = [(pair.asked(), sql) for pair in pairs for sql in (pair.chosen_sql, pair.rejected_sql)]
    said = logits(asked)
    found = [
        Judged(pair, chosen, rejected)
        for pair, chosen, rejected in zip(pairs, said[::2], said[1::2], strict=True)
        if chosen is not None and rejected is not None
    ]
    return found, len(pairs) - len(found)


def by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Interval]:
    """Pair accuracy with Wilson's interval in each group, the largest first. Pairs of one question are not
    independent, so an interval over many of them is too narrow."""
    groups: dict[str, list[float]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one.preferred)
    return {name: accuracy(groups[name]) for name in sorted(groups, key=lambda name: (-len(groups[name]), name))}


def shorter_wins(judged: Sequence[Judged]) -> Interval:
    """What preferring the shorter query would score; a tie counts half."""
    return _always(judged, lambda pair: len(pair.rejected_sql) - len(pair.chosen_sql))


def nearer_wins(judged: Sequence[Judged]) -> Interval:
    """What preferring the query that shares more of its words with the question would score; a tie counts half."""
    return _always(judged, lambda pair: _shared(pair.chosen_sql, pair) - _shared(pair.rejected_sql, pair))


def _shared(sql: str, pair: Pair) -> float:
    """The share of a query's words that its question has too."""
    words, asked = (set(re.findall(r"[a-z0-9]+", text.lower())) for text in (sql.replace("_", " "), pair.question))
    return len(words & asked) / max(1, len(words))


def _always(judged: Sequence[Judged], by_how_much: Callable[[Pair], float]) -> Interval:
    leads = [by_how_much(one.pair) for one in judged]
    return accuracy([0.5 if lead == 0 else float(lead > 0) for lead in leads])
