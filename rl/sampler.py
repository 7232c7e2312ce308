"""TRL's order of prompts, the same after a resume in whichever epoch.

TRL's sampler (1.16) draws every epoch from one running generator that no checkpoint holds: a run resumed in a later
epoch would be given the first epoch's order again. Here an epoch's order follows from the seed and the epoch alone.
"""

from collections.abc import Callable, Iterator, Sequence

from trl.trainer.utils import RepeatSampler

STRIDE = 1_000_003
"""Between the seeds of two epochs, so that no epoch of one seed is an epoch of the next."""

Choice = Callable[[int], Sequence[int] | None]
"""Epoch -> the places of the questions that are asked in it, as many as there are; None asks each once."""


class EpochRepeatSampler(RepeatSampler):
    """transformers calls `set_epoch` before every epoch, a resumed one included (5.17, `Trainer._run_epoch`)."""

    choice: Choice | None = None
    _epoch: int = 0

    def set_epoch(self, epoch: int) -> None:
        self._epoch = epoch
        if self.shuffle:
            self.generator.manual_seed((self.seed or 0) + STRIDE * epoch)

    def __iter__(self) -> Iterator[int]:
        chosen = self.choice(self._epoch) if self.choice else None
        return super().__iter__() if chosen is None else (chosen[place] for place in super().__iter__())
