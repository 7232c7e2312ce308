"""Tells a run's diagnoses while it trains, and stops it where going on would gain nothing.

It stands after `MetricsFile` and before the trackers in the trainer's list of callbacks: what it reads is in
`metrics.jsonl` by then, and what it adds to the log reaches them.
"""

import json
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder, append_json, write_whole
from rl.health.diagnosis import framed
from rl.health.physician import Physician, lines

STOPPED = "stopped.json"
"""In the run's folder: why it was stopped."""

EARLY = 20
"""Steps from the start that are logged each, whatever `logging_steps` says. At 100 times its learning rate the seedling
was wrecked by its second step: in a first log of five there is no policy left to compare with."""


class Watch(TrainerCallback):
    """Each diagnosis as a line of its own in `metrics.jsonl`, framed on the console, and as `health/NAME: 1.0` in the
    trackers. With `stop` false it only tells.

    Every process looks at the same numbers, which TRL gathers before it logs, so that all of them stop at one step.
    """

    def __init__(self, folder: RunFolder, max_unscored_share: float, stop: bool = True) -> None:
        self._folder, self._share, self._stop = folder, max_unscored_share, stop
        self._physician = Physician(max_unscored_share)
        self._started = time.monotonic()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """What a resumed run has logged already was told already."""
        if state.global_step:
            self._physician = Physician(self._share)
            for line in lines(self._folder.metrics):
                if line["step"] <= state.global_step:
                    self._physician.look(line)
        if state.is_world_process_zero:
            (self._folder.path / STOPPED).unlink(missing_ok=True)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        control.should_log = control.should_log or state.global_step <= EARLY

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        if logs is None:
            return
        new = self._physician.look({"step": state.global_step} | logs)
        logs |= {f"health/{one.name}": 1.0 for one in new}
        if state.is_world_process_zero:
            seconds = round(time.monotonic() - self._started, 3)
            for one in new:
                told = {"step": one.step, "seconds": seconds, f"health/{one.name}": 1.0, "health": one.row()}
                append_json(self._folder.metrics, told)
            if new:
                print(framed(new), flush=True)
        fatal = [one for one in self._physician.ill if one.stop]
        if self._stop and fatal and not control.should_training_stop:
            control.should_training_stop = True
            if state.is_world_process_zero:
                reason = [{"step": state.global_step} | one.row() for one in fatal]
                write_whole(self._folder.path / STOPPED, json.dumps(reason, indent=2) + "\n")
                print(f"stopping at step {state.global_step}: {' '.join(one.told for one in fatal)}", flush=True)


def why_stopped(folder: RunFolder) -> str:
    """Why a run was stopped, as a sentence for its report; "" where it was not."""
    file = folder.path / STOPPED
    if not file.is_file():
        return ""
    reasons = json.loads(file.read_text(encoding="utf-8"))
    told = " ".join(f"{one['told']} Try: {one['advice']}." for one in reasons)
    return f"STOPPED at step {reasons[0]['step']}, {' and '.join(one['name'] for one in reasons)}: {told}"
