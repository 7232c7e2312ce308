"""A training that is told to stop saves first: SIGTERM (a cluster warns), SIGHUP (a closed terminal), SIGINT (Ctrl-C).

transformers' own `enable_jit_checkpoint` saves wherever it is; here the checkpoint is one from which the run goes on
exactly. A second signal stops at once, as it would without this. Under torch's launcher (`accelerate launch`) a step
that takes longer than the 30 seconds it gives its processes is not saved: signal the first process itself.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from torch import distributed
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class SaveWhenTold(TrainerCallback):
    """Saves and stops at the next step that is a multiple of `every`, once `listening` heard a signal; logs there too,
    as a checkpoint does not hold what was added up since the last log. All processes stop at the same step when any of
    them heard one."""

    def __init__(self, every: int = 1) -> None:
        self._every = every
        self.heard: signal.Signals | None = None
        self.stopped = self._saving = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around the training; the handlers are put back as they were. What the process was started to ignore (`nohup`)
        it goes on ignoring."""
        heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._hear) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = signal.Signals(number)
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        print(f"\n{self.heard.name}: saving after this step; once more stops at once", flush=True)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        if state.global_step % self._every == 0 and self._any_heard(args.device):
            control.should_log = control.should_save = self._saving = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """Only now: a checkpoint that says that the training stops is the last of one that is over."""
        if self._saving:
            control.should_training_stop = self.stopped = True

    def _any_heard(self, device: torch.device) -> bool:
        if not (distributed.is_available() and distributed.is_initialized()) or distributed.get_world_size() == 1:
            return self.heard is not None
        flag = torch.tensor(float(self.heard is not None), device=device)
        distributed.all_reduce(flag, op=distributed.ReduceOp.MAX)
        return bool(flag.item())
