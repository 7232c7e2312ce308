"""A run's checkpoints. The last may be torn: the process was killed, or the disk full, while it was written."""

import json
import shutil
from pathlib import Path

STATE = "trainer_state.json"
"""The last file that transformers writes into a checkpoint, before it deletes an older one (5.17, `_save_checkpoint`):
one that holds it, whole, is whole."""


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def last_whole(folder: Path) -> Path | None:
    """The newest whole checkpoint, None where there is none. Torn ones are removed: the run will write them again."""
    whole: list[Path] = []
    for checkpoint in folder.glob("checkpoint-*"):
        if is_whole(checkpoint):
            whole.append(checkpoint)
        else:
            shutil.rmtree(checkpoint)
    return max(whole, key=step_of, default=None)


def forget_after(metrics: Path, step: int) -> None:
    """Drop the lines of `metrics.jsonl` that were logged after a step, and a last line that was cut: the resumed run
    logs them again."""
    if not metrics.is_file():
        return
    kept: list[str] = []
    for line in metrics.read_text(encoding="utf-8").splitlines(keepends=True):
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line)
        except ValueError:
            break
    new = metrics.with_suffix(".new")
    new.write_text("".join(kept), encoding="utf-8")
    new.replace(metrics)
