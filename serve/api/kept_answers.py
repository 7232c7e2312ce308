"""Answers that need not be asked for again: the same question of the same file, policy and settings."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from envs.execution import Status
from serve.answer import Answer

OF_THE_SERVER = {Status.TIMEOUT, Status.MEMORY, Status.CRASH, Status.NO_DATABASE}
"""Endings that may be the machine's fault and not the query's: another time it may be answered."""
LONGEST = 100_000
"""Characters of the rows of an answer that is kept: a thousand of them are 100 MB."""


class KeptAnswers:
    """The last `most` answers, each for `seconds`; 0 keeps none."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._held: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def find(self, key: Hashable) -> Answer | None:
        found = self._held.get(key)
        if found is None:
            return None
        if self._clock() - found[0] > self._seconds:
            del self._held[key]
            return None
        self._held.move_to_end(key)
        return found[1]

    def keep(self, key: Hashable, answer: Answer) -> None:
        """Unless another try could end otherwise, or it is too large to hold many of."""
        if answer.status in OF_THE_SERVER or not self._most or _characters(answer) > LONGEST:
            return
        self._held[key] = (self._clock(), answer)
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)


def _characters(answer: Answer) -> int:
    return sum(len(str(value)) for row in answer.rows for value in row)
