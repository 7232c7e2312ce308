"""Shows in MLflow what the trainer logs, under the names of `policy.tracking.names`, each name once at each step.

Not transformers' `MLflowCallback` (5.17): that leaves long settings out, logs again what a resumed run repeats, and
ends the run with the training, before there is a report.
"""

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder
from policy.tracking import mlflow_store as store
from policy.tracking.mlflow_run import close_run, open_run
from policy.tracking.unseen import Unseen, logged


class MlflowMirror(TrainerCallback):
    """Opens the MLflow run of a folder when it is made. What was lost with a killed process, or begins while nobody
    logs, is filled in from `metrics.jsonl`."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder, self._client = folder, store.connect()
        self._run = open_run(self._client, folder)
        self._client.update_run(self._run, "RUNNING")
        self._unseen = Unseen(store.held(self._client.get_run(self._run)), store.allowed)

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._catch_up()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        store.add(self._client, self._run, [(state.global_step, self._unseen.of(state.global_step, logs or {}))])

    def end(self) -> None:
        """Where the training was over before this process began, `on_train_begin` never came."""
        self._catch_up()
        finished = (self._folder.path / "summary.json").is_file()
        close_run(self._client, self._run, self._folder, "FINISHED" if finished else "FAILED")

    def _catch_up(self) -> None:
        rows = [(line["step"], self._unseen.of(line["step"], line)) for line in logged(self._folder)]
        store.add(self._client, self._run, rows)
