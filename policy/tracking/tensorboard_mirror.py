"""Shows in TensorBoard what the trainer logs, under the names of `policy.tracking.names`, into `runs/NAME/tensorboard`
or TENSORBOARD_LOGGING_DIR/NAME.

Not transformers' `TensorBoardCallback` (5.17): that puts most names under `train/`, and a resumed run repeats in it the
steps after the checkpoint.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder
from policy.tracking.facts import report, settings
from policy.tracking.unseen import Unseen, logged

HPARAM_METRICS = ("accuracy/execution_accuracy", "validation/loss", "validation/perplexity", "report/after/mean")
"""What TensorBoard's page of hyperparameters shows beside them, as far as a run logs it."""


class TensorboardMirror(TrainerCallback):
    """Writes an event file for each start and each resumption. A resumed one begins by saying that nothing after the
    checkpoint counts (`purge_step`), which is how TensorBoard takes back what the killed process had written."""

    def __init__(self, folder: RunFolder) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._folder, self._unseen, self._writer = folder, Unseen(), None
        self._kind = SummaryWriter
        asked = os.environ.get("TENSORBOARD_LOGGING_DIR")
        name = folder.path.resolve().name
        self._place = Path(asked).expanduser() / name if asked else folder.path / "tensorboard"

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._opened()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        self._log(state.global_step, self._unseen.of(state.global_step, logs or {}))

    def end(self) -> None:
        """With the numbers of the report and its text, if there is one."""
        if (self._folder.path / "summary.json").is_file():
            self._log(_last(self._folder), report(self._folder))
            file = self._folder.path / "report.md"
            if file.is_file():
                self._opened().add_text("report", file.read_text(encoding="utf-8"), _last(self._folder))
        if self._writer:
            self._writer.close()

    def _log(self, step: int, numbers: Mapping[str, float]) -> None:
        writer = self._opened()
        for name, value in numbers.items():
            writer.add_scalar(name, value, step)
        writer.flush()

    def _opened(self) -> Any:
        """The writer, made when there is something to write: by then a resumed run's log is cut to its checkpoint."""
        if self._writer is None:
            again = any(self._place.glob("events.out.tfevents.*"))
            self._writer = self._kind(str(self._place), purge_step=_last(self._folder) + 1 if again else None)
            if not again:
                self._describe(self._writer)
        return self._writer

    def _describe(self, writer: Any) -> None:
        """The resolved config, as text and as hyperparameters of this very run."""
        from torch.utils.tensorboard.summary import hparams

        writer.add_text("config", f"```yaml\n{self._folder.config.read_text(encoding='utf-8')}\n```")
        for summary in hparams(settings(self._folder), dict.fromkeys(HPARAM_METRICS, 0.0)):
            writer.file_writer.add_summary(summary)


def _last(folder: RunFolder) -> int:
    return max((line["step"] for line in logged(folder)), default=0)
