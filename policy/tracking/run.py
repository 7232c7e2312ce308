"""Everything a training tells its trackers, around the whole run: one context manager, whose value are callbacks.

    with tracked(resolved, folder) as callbacks:
        ...                                         # build the trainer with report_to none, add the callbacks, train

W&B (`wandb_run`, `wandb_mirror`), MLflow (`mlflow_mirror`) and TensorBoard (`tensorboard_mirror`) are ours and show the
names of `policy.tracking.names`; trackio and the others are transformers' own callbacks, with transformers' names
(`train/reward`, `eval/execution_accuracy`). The trainer itself is told `report_to: none`: TRL (1.16) would add calls
without a step of its own. A resumed run goes on in the same place; in ours it has each step once, transformers' own are
told once more what was logged after the checkpoint, the same numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from policy import processes
from policy.config import Resolved
from policy.run_folder import RunFolder
from policy.tracking.packages import named

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from policy.tracking.guard import Guarded


MIRRORS = ("mlflow", "tensorboard")
"""Each made from the run's folder alone, and told when the run ends."""


@contextmanager
def tracked(resolved: Resolved[Any], folder: RunFolder) -> "Iterator[list[TrainerCallback]]":
    """The callbacks of the trackers that the config names, for as long as the run lasts; the first process has them."""
    trackers = named(resolved["report_to"]) if processes.is_first() else []
    if not trackers:
        yield []
        return
    theirs = [callback for name in trackers if name not in ("wandb", *MIRRORS) for callback in _theirs(name)]
    mirrors = [mirror for name in trackers if name in MIRRORS for mirror in _mirror(name, folder)]
    try:
        with _wandb(resolved, folder) if "wandb" in trackers else nullcontext([]) as wandb:
            yield [*wandb, *mirrors, *theirs]
    finally:
        for mirror in mirrors:
            mirror.end()


@contextmanager
def _wandb(resolved: Resolved[Any], folder: RunFolder) -> "Iterator[list[TrainerCallback]]":
    from policy.tracking.guard import Guarded
    from policy.tracking.wandb_mirror import WandbMirror
    from policy.tracking.wandb_run import wandb_run

    with wandb_run(resolved, folder) as opened:
        weights: dict[str, float] = resolved.values().get("rewards", {})
        ours = [Guarded("wandb", WandbMirror(*opened, folder, weights))] if opened else []
        yield [*ours]
        for guarded in ours:
            guarded.end()


def _mirror(tracker: str, folder: RunFolder) -> "list[Guarded]":
    """Our own callback of MLflow or TensorBoard, guarded; none where it cannot be made, which is told."""
    from policy.tracking.guard import Guarded, tell_failure

    try:
        if tracker == "mlflow":
            from policy.tracking.mlflow_mirror import MlflowMirror as Mirror
        else:
            from policy.tracking.tensorboard_mirror import TensorboardMirror as Mirror
        return [Guarded(tracker, Mirror(folder))]
    except Exception as error:  # of a tracker, whose failures are not the training's
        tell_failure(tracker, error)
        return []


def _theirs(tracker: str) -> "list[TrainerCallback]":
    """Transformers' callback of a tracker, guarded; none where it cannot be made, which is told."""
    from transformers.integrations import get_reporting_integration_callbacks

    from policy.tracking.guard import Guarded, tell_failure

    try:
        return [Guarded(tracker, kind()) for kind in get_reporting_integration_callbacks([tracker])]
    except Exception as error:  # as above
        tell_failure(tracker, error)
        return []
