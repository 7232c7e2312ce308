"""SIGTERM to a search: its trial is told to stop and saves, and the search leaves between two steps of its own.

The handler only remembers: an exception raised out of it may be lost in whatever Python was at.
"""

import signal
from types import FrameType


class ToldToStop:
    """Listens from when it is made."""

    def __init__(self) -> None:
        self._heard: signal.Signals | None = None
        signal.signal(signal.SIGTERM, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._heard = signal.Signals(number)

    def leave_if_told(self) -> None:
        """Raises SystemExit once a signal was heard."""
        if self._heard is not None:
            print(f"{self._heard.name}: the same command goes on from here", flush=True)
            raise SystemExit(128 + self._heard)
