"""Shows in TensorBoard what the trainer logs, under the names of `policy.tracking.names`, into `runs/NAME/tensorboard`
or a folder of the run's own in TENSORBOARD_LOGGING_DIR.

Not transformers' `TensorBoardCallback` (5.17): that puts most names under `train/`, and a resumed run repeats in it the
steps after the checkpoint.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.run_folder import RunFolder
from policy.tracking.facts import report, settings
from policy.tracking.ids import id_of, remember
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
        self._place = _place_in(Path(asked).expanduser(), folder) if asked else folder.path / "tensorboard"

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


def _place_in(everything: Path, folder: RunFolder) -> Path:
    """`search_a_stage1_0001-5f3a09c2` for runs/search_a/stage1/0001: made up when a run starts, and remembered in its
    folder. A run that began when only the last word named it goes on there."""
    path = folder.path.resolve()
    known = id_of(folder, "tensorboard")
    if not known and folder.begun() and (everything / path.name).is_dir():
        known = path.name
    if not known:
        near = path.relative_to(Path.cwd()).parts if path.is_relative_to(Path.cwd()) else path.parts[-3:]
        words = near[1:] if near[:1] == ("runs",) else near
        known = f"{'_'.join(words) or path.name}-{secrets.token_hex(4)}"
    if known != id_of(folder, "tensorboard"):
        remember(folder, "tensorboard", known)
    return everything / known


def _last(folder: RunFolder) -> int:
    return max((line["step"] for line in logged(folder)), default=0)
