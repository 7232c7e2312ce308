"""A run in MLflow: opened under one id however often it is resumed, and closed with its report and its files."""

import os
from typing import TYPE_CHECKING

from policy.run_folder import RunFolder
from policy.tracking import mlflow_store as store
from policy.tracking.artifacts import LARGEST_POLICY, TEXTS
from policy.tracking.facts import report, settings, tags
from policy.tracking.ids import id_of, remember
from policy.tracking.unseen import logged

if TYPE_CHECKING:
    from mlflow.client import MlflowClient


def open_run(client: "MlflowClient", folder: RunFolder, parent: str | None = None) -> str:
    """The id of the run's MLflow run: MLFLOW_RUN_ID, else the one that the folder remembers, else a new one, also where
    the store does not hold the one remembered. A `parent` that is given becomes the parent of a known run too."""
    asked = os.environ.get("MLFLOW_RUN_ID")
    known = asked or id_of(folder, "mlflow")
    run = store.found(client, known)
    if asked and not run:
        raise ValueError(f"MLFLOW_RUN_ID is {asked}, and the store at {client.tracking_uri} holds no such run")
    if run and parent:
        client.set_tag(run.info.run_id, store.PARENT_TAG, parent)
    name = folder.path.resolve().name
    run_id = run.info.run_id if run else store.new_run(client, name, _tags(folder), parent)
    if run_id != id_of(folder, "mlflow"):
        remember(folder, "mlflow", run_id)
    store.describe(client, run_id, settings(folder), _tags(folder))
    return str(run_id)


def close_run(client: "MlflowClient", run_id: str, folder: RunFolder, status: str) -> None:
    """`status` is one of MLflow's: FINISHED, FAILED, KILLED. A finished run gets its report's numbers, its rollouts
    and, if that is small, its policy; any run its texts and its scored answers."""
    store.describe(client, run_id, {}, _tags(folder))
    names = [file.name for file in sorted(folder.path.iterdir()) if file.suffix in TEXTS] + ["eval"]
    if status == "FINISHED":
        last = max((line["step"] for line in logged(folder)), default=0)
        store.final(client, run_id, report(folder), last)
        names.append("rollouts")
        size = sum(file.stat().st_size for file in folder.policy.rglob("*") if file.is_file())
        names += ["policy"] if size <= LARGEST_POLICY else []
    store.add_files(client, run_id, folder.path, names)
    client.set_terminated(run_id, status)


def _tags(folder: RunFolder) -> dict[str, str]:
    told = tags(folder)
    own = {"mlflow.source.name": "command", "mlflow.source.git.commit": "commit"}
    return told | {name: told[tag] for name, tag in own.items() if tag in told} | {"mlflow.source.type": "LOCAL"}
