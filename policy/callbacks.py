"""What a run tells while it trains: every logged number to `metrics.jsonl`, a line and the time left to the console."""

import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder, append_json


class MetricsFile(TrainerCallback):
    """Writes what the trainer logs, as it logs it, beside the step and the seconds since the run started. Without the
    `train_loss` that transformers gives at the end: of a resumed run it is the mean of the last part only."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder, self._started = folder, time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        if state.is_world_process_zero:
            seconds = round(time.monotonic() - self._started, 3)
            told = {name: value for name, value in (logs or {}).items() if name != "train_loss"}
            append_json(self._folder.metrics, {"step": state.global_step, "seconds": seconds} | told)


class LogBeforeSave(TrainerCallback):
    """Logs at every step that is saved: a checkpoint holds nothing of what was added up since the last log, so a
    resumed run would tell other numbers in the first log after it."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        control.should_log = control.should_log or control.should_save

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        control.should_log = control.should_log or control.should_save


class Progress(TrainerCallback):
    """One line a logging step: where it is, the `shown` numbers, how long it will still take."""

    def __init__(self, *shown: str) -> None:
        self._shown, self._started, self._first = shown, 0.0, 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._started, self._first = time.monotonic(), state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        if not state.is_world_process_zero or not any(name in (logs or {}) for name in self._shown):
            return
        where = f"step {state.global_step}/{state.max_steps}" if state.max_steps > 0 else "before the first step"
        done = state.global_step - self._first
        pace = (time.monotonic() - self._started) / max(1, done)
        left = pace * (state.max_steps - state.global_step)
        told = "  ".join(
            f"{name.split('/')[-2] if name.endswith('/mean') else name.split('/')[-1]} {value:.4g}"
            for name in self._shown
            if (value := (logs or {}).get(name)) is not None
        )
        print(f"{where}  {told}" + (f"  {pace:.1f} s/step  {duration(left)} left" if done > 0 else ""), flush=True)


def duration(seconds: float) -> str:
    """Seconds as people read them: 45 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
