"""A training that was over when its last checkpoint was written is over when it is resumed from there.

transformers (5.17) asks whether to stop only after a step, and forgets at the start that it had stopped: resumed from
its last checkpoint, a run takes steps past `max_steps`, past its early stop, or past the end that an illness made.
"""

from typing import Any


class StaysEnded:
    """Beside a trainer of transformers'. `over` says whether the checkpoint that it was resumed from was its last."""

    over: bool = False

    def _init_training_state(self, *args: Any, **kwargs: Any) -> tuple[int, int]:
        found = super()._init_training_state(*args, **kwargs)
        control = self.state.stateful_callbacks.get("TrainerControl", {}).get("args", {})
        self.over = self.state.global_step > 0 and control.get("should_training_stop", False)
        return found

    def _run_epoch(self, *args: Any, **kwargs: Any) -> None:
        if self.over:
            self.control.should_training_stop = True
        else:
            super()._run_epoch(*args, **kwargs)
