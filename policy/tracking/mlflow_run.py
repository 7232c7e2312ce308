"""MLflow under one id however often a run is resumed: transformers' callback reads it from MLFLOW_RUN_ID."""

import os
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder
from policy.tracking.ids import id_of, remember


class SameMlflowRun(TrainerCallback):
    """Made before transformers' callback is asked anything, and called after it."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        if known := id_of(folder, "mlflow"):
            os.environ.setdefault("MLFLOW_RUN_ID", known)

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        import mlflow

        if state.is_world_process_zero and (active := mlflow.active_run()):
            remember(self._folder, "mlflow", active.info.run_id)
