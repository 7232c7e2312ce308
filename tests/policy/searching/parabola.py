"""A training that is arithmetic: its policy answers as many of 100 questions as a parabola allows, after `seconds`.

It keeps a run's folder as a real training does: config, log, answers, summary, `--resume`.
"""

import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from policy.config import Resolved, exit_with_sentence, read_config
from policy.config_error import ConfigError
from policy.run_folder import append_json, open_run, write_whole
from policy.searching.plan import Command
from rewards.paired import accuracy

MODULE = "tests.policy.searching.parabola"
STEPS = 4


@dataclass(frozen=True)
class Parabola:
    """Best at x = 3."""

    x: Annotated[float, "where it stands"] = 0.0
    wide: Annotated[bool, "a parabola ten times as wide"] = False
    kind: Annotated[Literal["well", "crash", "nan"], "how it ends"] = "well"
    seconds: Annotated[float, "a step takes"] = 0.0
    train_size: Annotated[int | None, "unused"] = None
    output_dir: Annotated[str | None, "its folder"] = None
    held_out_split: Annotated[Literal["validation", "test"], "asked"] = "test"
    eval_strategy: Annotated[str, "unused"] = "steps"
    eval_steps: Annotated[float | None, "unused"] = None
    save_strategy: Annotated[str, "unused"] = "steps"
    validation_size: Annotated[int | None, "unused"] = None
    load_best_model_at_end: Annotated[bool, "unused"] = False
    metric_for_best_model: Annotated[str | None, "unused"] = None
    early_stopping_patience: Annotated[int | None, "unused"] = None
    resume: Annotated[bool, "go on"] = False
    dry_run: Annotated[bool, "unused"] = False


def read(argv: Sequence[str]) -> Resolved[Parabola]:
    resolved = read_config(Parabola, argv, module=MODULE)
    if resolved["x"] > 100:
        raise ConfigError(f"{resolved.path}: x is {resolved['x']:g}; it must be at most 100.")
    return resolved


COMMAND = Command(MODULE, read, read, answered="validation_size")


def right(x: float, wide: bool) -> int:
    return max(0, round(90 - (x - 3) ** 2 * (1 if wide else 10)))


def main(argv: Sequence[str]) -> None:
    resolved = read(argv)
    run: Any = resolved.own
    folder = open_run(Path(run.output_dir), resolved.to_yaml(), run.resume)
    done = len(folder.metrics.read_text().splitlines()) if folder.metrics.is_file() else 0
    print(f"begins at step {done}", flush=True)
    for step in range(done + 1, STEPS + 1):
        time.sleep(run.seconds)
        loss = math.nan if run.kind == "nan" and step == 2 else 1.0 / step
        share = right(run.x, run.wide) / 100 * step / STEPS
        append_json(folder.metrics, {"step": step, "loss": loss, "eval_execution_accuracy": share})
        if run.kind == "crash":
            raise MemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    scores = [1.0 if at < right(run.x, run.wide) else 0.0 for at in range(100)]
    lines = [json.dumps({"rewards": {"execution_match": score}}) for score in scores]
    write_whole(folder.evaluations / "after.jsonl", "\n".join(lines) + "\n")
    told = accuracy(scores)
    summary = {"after": {"mean": told.mean, "low": told.low, "high": told.high}, "stand_in": False, "steps": STEPS}
    write_whole(folder.path / "summary.json", json.dumps(summary))


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
