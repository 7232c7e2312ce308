"""What the taxonomy needs to know of an answer that was executed and judged."""

from typing import Protocol


class Judged(Protocol):
    """As in `policy.scores.Score`, which is one."""

    @property
    def correct(self) -> bool | None: ...
    @property
    def twins(self) -> bool | None: ...
    @property
    def status(self) -> str: ...
    @property
    def gate(self) -> str: ...
    @property
    def message(self) -> str: ...
