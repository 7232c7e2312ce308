"""The W&B run of a training: opened by us before the trainer, under one id however often the run is resumed."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policy import yaml_file
from policy.config import Resolved
from policy.run_folder import RunFolder
from policy.tracking.artifacts import keep_files
from policy.tracking.guard import tell_failure
from policy.tracking.ids import id_of, remember
from policy.tracking.names import STEP
from policy.tracking.wandb_log import last_step

PROJECT = "text-to-sql"
"""Where neither WANDB_PROJECT nor the key `project` says otherwise."""

FLUSH = 1.0
"""Seconds until W&B writes what it was told to its file; its own 15 would lose as much to a kill."""


def wandb_id(folder: RunFolder) -> str:
    """The id of a run's W&B run, made on the first call."""
    if not (known := id_of(folder, "wandb")):
        remember(folder, "wandb", known := secrets.token_hex(6))
    return known


def about(resolved: Resolved[Any], folder: RunFolder) -> dict[str, Any]:
    """What `wandb.init` is told of a run. W&B's own variables (WANDB_PROJECT, WANDB_RUN_GROUP, ...) come first."""
    floor, _, command = resolved.module.partition(".")
    method = floor if command == "train" else command
    adapter = "full" if not resolved["use_peft"] else "qlora" if resolved["load_in_4bit"] else "lora"
    told = {
        "project": resolved["project"] if resolved["project"] != "huggingface" else PROJECT,
        "name": resolved["run_name"],
        "group": resolved["task"],
        "job_type": method,
        "tags": [method, resolved["task"], adapter, *(["stand-in"] if resolved.stand_in else [])],
        "notes": question_of(resolved.path),
    }
    variables = {"group": "WANDB_RUN_GROUP"} | {key: f"WANDB_{key.upper()}" for key in told if key != "group"}
    return {key: value for key, value in told.items() if not os.environ.get(variables[key])} | {
        "id": wandb_id(folder),
        "resume": "allow",
        "dir": str(folder.path.resolve()),
        "config": yaml_file.parse(resolved.to_yaml()) | {"stand_in_run": resolved.stand_in},
    }


def question_of(config: Path) -> str:
    """The question that a config's first lines say it answers."""
    lines = config.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.lstrip("# ") for line in lines[: next((i for i, s in enumerate(lines) if s[:1] != "#"), 0)])


@contextmanager
def wandb_run(resolved: Resolved[Any], folder: RunFolder) -> Iterator[tuple[Any, int] | None]:
    """The open run and the last step it holds (-1: none), or None where it cannot be opened, which is told.

    An online run that cannot be opened is kept offline. Its files, its artifacts and what it stages for them lie in the
    run's folder, under `wandb/`, for `wandb sync`.
    """
    os.environ.setdefault("WANDB_DATA_DIR", str(folder.path.resolve() / "wandb" / "staged"))
    opened = _open(about(resolved, folder), folder)
    finished = False
    try:
        yield opened
        finished = (folder.path / "summary.json").is_file()
    finally:
        if opened:
            _close(opened[0], folder, finished)


def _open(asked: dict[str, Any], folder: RunFolder) -> tuple[Any, int] | None:
    try:
        import wandb

        settings = wandb.Settings(x_transaction_log_flush_interval=FLUSH)
        try:
            run = wandb.init(**asked, settings=settings)
        except Exception as error:  # no key, no server, no network: wandb has a class for each and raises others
            said = type(error).__name__
            print(f"wandb cannot be reached ({said}): the run is kept offline, for `wandb sync`", flush=True)
            wandb.teardown()  # whose service would hold the id of a run that timed out
            run = wandb.init(**asked, settings=settings, mode="offline")
        run.define_metric(STEP, hidden=True)
        run.define_metric("*", step_metric=STEP, step_sync=True)
        return run, last_step(folder.path / "wandb", run.id) if run.offline else run.starting_step - 1
    except Exception as error:  # of a tracker, whose failures are not the training's
        tell_failure("wandb", error)
        return None


def _close(run: Any, folder: RunFolder, finished: bool) -> None:
    """With the report's numbers in the summary and the files as artifacts, as far as that goes."""
    try:
        if finished:
            run.summary.update({"report": json.loads((folder.path / "summary.json").read_text(encoding="utf-8"))})
        keep_files(run, folder, finished)
    except Exception as error:  # as above
        tell_failure("wandb", error)
    try:
        run.finish(exit_code=0 if finished else 1)
    except Exception as error:  # as above
        tell_failure("wandb", error)
