"""A run's checkpoints. The last may be torn: the process was killed, or the disk full, while it was written."""

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path

from policy.checkpoint_damage import damage
from policy.config_error import ConfigError
from policy.rollouts import cut
from policy.run_folder import RunFolder

STATE = "trainer_state.json"
"""The last file that transformers writes into a checkpoint, before it deletes an older one (5.17, `_save_checkpoint`):
one that holds it, whole, is whole."""


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def is_whole(checkpoint: Path) -> bool:
    """Raises ConfigError when it cannot be read, which does not make it torn."""
    try:
        int(json.loads((checkpoint / STATE).read_text(encoding="utf-8"))["global_step"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return False
    except OSError as error:
        raise ConfigError(f"{checkpoint} cannot be read: {error.strerror}. Nothing was changed.") from error
    return True


def last_whole(folder: Path) -> Path | None:
    """The newest whole checkpoint, None where there is none. Torn ones are removed: the run will write them again. One
    that was damaged since is passed over, which is told. What transformers names otherwise is somebody's own."""
    whole: list[Path] = []
    for checkpoint in folder.glob("checkpoint-*"):
        if not re.fullmatch(r"checkpoint-\d+", checkpoint.name) or not checkpoint.is_dir():
            continue
        if is_whole(checkpoint):
            whole.append(checkpoint)
        else:
            shutil.rmtree(checkpoint)
    for checkpoint in sorted(whole, key=step_of, reverse=True):
        if not (why := damage(checkpoint)):
            return checkpoint
        print(f"{checkpoint} is passed over: {why}", flush=True)
    return None


def go_on(folder: RunFolder) -> Path | None:
    """The checkpoint that a run is resumed from, its log and its rollouts cut back to it. None, said aloud, where there
    is none: the run then begins again, and what it had logged is kept beside."""
    checkpoint = last_whole(folder.checkpoints)
    if checkpoint is not None:
        print(f"resuming at step {step_of(checkpoint)}", flush=True)
        forget_after(folder.metrics, step_of(checkpoint))
        cut(folder.rollouts, step_of(checkpoint))
        return checkpoint
    print(f"there is no whole checkpoint in {folder.checkpoints}: the run begins again at step 0", flush=True)
    if folder.metrics.is_file():
        folder.metrics.replace(folder.metrics.with_name("metrics_before_resume.jsonl"))
    cut(folder.rollouts, 0)
    return None


def forget_after(metrics: Path, step: int) -> None:
    """Drop the lines of `metrics.jsonl` that were logged after a step or at the end of the training: the resumed run
    logs them again. Lines that are torn go too."""
    if not metrics.is_file():
        return
    kept: list[bytes] = []
    for line in metrics.read_bytes().split(b"\n"):
        with suppress(ValueError, TypeError, KeyError):
            logged = json.loads(line)
            if logged["step"] <= step and "train_runtime" not in logged:
                kept.append(line + b"\n")
    new = metrics.with_suffix(".new")
    new.write_bytes(b"".join(kept))
    new.replace(metrics)
