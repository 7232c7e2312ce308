"""Shows in W&B what the trainer logs, under the names of `policy.tracking.names`, each step once and in order.

Not transformers' `WandbCallback`: that puts all names under `train/`, logs by calls and not by steps, and logs again
what a resumed run repeats. Steps go by `global_step`, on which a resumed run's parts join without a seam: what the
tracker already holds is left out, which a run that repeats itself to the bit may do; what was lost with the killed
process is filled in from `metrics.jsonl`.
"""

import json
from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder
from policy.tracking.names import STEP, TOTALS, tracker_name
from policy.tracking.tail import Tail
from policy.tracking.telling import COLUMNS, telling
from policy.tracking.unseen import logged

TABLES = 100
"""Additions to the table in a run: W&B shows the last hundred of an incremental table (0.31)."""


class WandbMirror(TrainerCallback):
    """`run` is an open W&B run that holds everything up to step `held`; `weights` are those of the rewards, with which
    the table of telling rollouts is filled, none where nothing is rewarded."""

    def __init__(self, run: Any, held: int, folder: RunFolder, weights: Mapping[str, float] | None = None) -> None:
        self._run, self._held, self._folder, self._weights = run, held, folder, dict(weights or {})
        self._rollouts, self._table, self._told = Tail(folder.rollouts / "train-0.jsonl.gz"), None, 0
        self._last = held

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        parameters = {} if model is None else {"parameters": sum(p.numel() for p in model.parameters())}
        self._run.config.update(parameters | environment(self._folder), allow_val_change=True)
        self._rollouts = Tail(self._folder.rollouts / "train-0.jsonl.gz")
        self._told = state.global_step * TABLES // max(1, state.max_steps)
        self._catch_up()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        self._log(state.global_step, logs or {})
        hundredth = state.global_step * TABLES // max(1, state.max_steps)
        if self._weights and state.global_step > self._held and hundredth > self._told:
            self._told = hundredth
            self._add_rollouts(state.global_step)

    def end(self) -> None:
        """Where the training was over before this process began, `on_train_begin` never came."""
        self._catch_up()

    def _catch_up(self) -> None:
        """Log what `metrics.jsonl` holds after the last step that W&B has."""
        held = self._held = max(self._held, self._last)
        for line in logged(self._folder):
            if line["step"] > held:
                self._log(line["step"], line)

    def _log(self, step: int, logs: Mapping[str, Any]) -> None:
        numbers = {name: value for name, value in logs.items() if isinstance(value, int | float)}
        self._run.summary.update({f"totals/{name}": numbers[name] for name in TOTALS if name in numbers})
        shown = {tracker_name(name): v for name, v in numbers.items() if name not in (*TOTALS, "step", "seconds")}
        if shown and step > self._held:
            self._run.log(shown | {STEP: step}, step=step)
            self._last = step
            for name in shown:
                if name.startswith("health/"):
                    self._run.alert(f"{name} at step {step}", "The console and metrics.jsonl say why, and what to try.")

    def _add_rollouts(self, step: int) -> None:
        import wandb

        rows = telling(self._rollouts.new(), self._weights)
        if self._table is None:
            self._table = wandb.Table(columns=list(COLUMNS), log_mode="INCREMENTAL")
        for row in rows:
            self._table.add_data(*row)
        if rows:
            self._run.log({"rollouts": self._table}, step=step)


def environment(folder: RunFolder) -> dict[str, Any]:
    """`environment.json` for the W&B run's config, where the run has written one by now."""
    file = folder.path / "environment.json"
    return {"environment": json.loads(file.read_text(encoding="utf-8"))} if file.is_file() else {}
