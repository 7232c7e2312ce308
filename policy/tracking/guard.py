"""A tracker that fails is told once and left alone: the training goes on, and goes on the same."""

import logging
from functools import partial
from typing import Any

from transformers import TrainerCallback

EVENTS = tuple(name for name in vars(TrainerCallback) if name.startswith("on_"))


class Guarded(TrainerCallback):
    """Hands every event to a tracker's callback until that raises.

    Whatever it raises: what a tracker can meet (a full disk, a dead service, a network) is not for a training run to
    name. A callback's wishes about the training (`control`) are not passed on, because a tracker has none.
    """

    def __init__(self, tracker: str, callback: TrainerCallback) -> None:
        self._tracker, self._callback = tracker, callback
        self.failed = False
        for event in EVENTS:
            setattr(self, event, partial(self._hand_on, event))

    def end(self) -> None:
        """The end of the run, which may come without any training: for our own callbacks, transformers has no such."""
        self._hand_on("end")

    def _hand_on(self, event: str, *arguments: Any, **named: Any) -> None:
        if self.failed:
            return
        try:
            getattr(self._callback, event)(*arguments, **named)
        except Exception as error:
            self.failed = True
            tell_failure(self._tracker, error)


_told: set[str] = set()


def tell_failure(tracker: str, error: Exception) -> None:
    """One sentence on the console, the first time that a tracker fails in this process. asyncio would add one for every
    line of the console that wandb's dead service no longer takes (0.31)."""
    if tracker in _told:
        return
    _told.add(tracker)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    said = str(error).strip().splitlines() or [""]
    print(
        f"{tracker} failed ({type(error).__name__}: {said[0]}), so nothing more is sent to it; the training goes on, "
        "and metrics.jsonl and rollouts/ hold everything",
        flush=True,
    )
