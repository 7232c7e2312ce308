"""Everything a training tells its trackers, around the whole run: one context manager, whose value are callbacks.

    with tracked(resolved, folder) as callbacks:
        ...                                         # build the trainer with report_to none, add the callbacks, train

W&B is ours (`wandb_run`, `wandb_mirror`); TensorBoard, MLflow, trackio and the others are transformers' own callbacks,
so that their names are transformers' too (`train/reward`, `eval/execution_accuracy`). The trainer itself is told
`report_to: none`: TRL (1.16) would add calls without a step of its own. A resumed run goes on in the same place in all
of them; those of transformers are told once more what was logged after the checkpoint, the same numbers.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from policy import processes
from policy.config import Resolved
from policy.run_folder import RunFolder
from policy.tracking.packages import named

if TYPE_CHECKING:
    from transformers import TrainerCallback


@contextmanager
def tracked(resolved: Resolved[Any], folder: RunFolder) -> "Iterator[list[TrainerCallback]]":
    """The callbacks of the trackers that the config names, for as long as the run lasts; the first process has them."""
    trackers = named(resolved["report_to"]) if processes.is_first() else []
    callbacks = [callback for tracker in trackers if tracker != "wandb" for callback in _theirs(tracker, folder)]
    if "wandb" not in trackers:
        yield callbacks
        return
    from policy.tracking.guard import Guarded
    from policy.tracking.wandb_mirror import WandbMirror
    from policy.tracking.wandb_run import wandb_run

    with wandb_run(resolved, folder) as opened:
        weights: dict[str, float] = resolved.values().get("rewards", {})
        mirror = WandbMirror(*opened, folder, weights) if opened else None
        ours = [Guarded("wandb", mirror)] if mirror else []
        yield [*ours, *callbacks]
        for guarded in ours:
            guarded.end()


def _theirs(tracker: str, folder: RunFolder) -> "list[TrainerCallback]":
    """Transformers' callback of a tracker, guarded, told to keep its files in the run's folder and to go on there; none
    where it cannot be made, which is told."""
    from transformers.integrations import get_reporting_integration_callbacks

    from policy.tracking.guard import Guarded, tell_failure
    from policy.tracking.mlflow_run import SameMlflowRun

    if tracker == "tensorboard":
        os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(folder.path / "tensorboard"))
    after = [SameMlflowRun(folder)] if tracker == "mlflow" else []
    try:
        kinds = get_reporting_integration_callbacks([tracker])
        return [Guarded(tracker, callback) for callback in (*(kind() for kind in kinds), *after)]
    except Exception as error:  # of a tracker, whose failures are not the training's
        tell_failure(tracker, error)
        return []
