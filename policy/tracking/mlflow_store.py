"""An MLflow store, local or remote (MLFLOW_TRACKING_URI), as runs are kept in it: opened by id, filled in once.

`mlflow.client` and no `mlflow.start_run`: a run is named by its id in every call, so that nothing depends on which run
is active in the process. User and password of a server (DagsHub's too) are MLflow's own variables,
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (mlflow-skinny 3.17).
"""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.client import MlflowClient
    from mlflow.entities import Run

EXPERIMENT = "text-to-sql"
"""Where MLFLOW_EXPERIMENT_NAME does not say otherwise."""

PARENT = "MLFLOW_PARENT_RUN_ID"
"""The variable under whose run every new run is nested."""

PARENT_TAG, KIND = "mlflow.parentRunId", "kind"

LONGEST = 500
"""Characters of a parameter: servers before MLflow 2.9 take no more, and config.yaml, an artifact, holds the whole."""

VARIABLES = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""MLflow's own seven tries of two minutes each would keep a training waiting for a server that is gone, and it would
tell its makers of every run."""


def connect() -> "MlflowClient":
    """A client of the store that MLFLOW_TRACKING_URI names (MLflow's default: mlflow.db in the working directory)."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    import mlflow
    from mlflow.client import MlflowClient

    return MlflowClient(mlflow.get_tracking_uri())


def experiment(client: "MlflowClient") -> str:
    """The id of the experiment that runs are put into, made where there is none."""
    from mlflow.exceptions import MlflowException

    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    if found := client.get_experiment_by_name(name):
        return found.experiment_id
    try:
        return client.create_experiment(name)
    except MlflowException:  # another run's process made it meanwhile
        if found := client.get_experiment_by_name(name):
            return found.experiment_id
        raise


def found(client: "MlflowClient", run_id: str | None) -> "Run | None":
    """None where the store holds no such run, or only in its bin."""
    from mlflow.exceptions import MlflowException

    if not run_id:
        return None
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    return run if run.info.lifecycle_stage == "active" else None


def new_run(client: "MlflowClient", name: str, tags: Mapping[str, str], parent: str | None = None) -> str:
    """The id of a new run, nested under `parent` or, where that is None, the run of MLFLOW_PARENT_RUN_ID; in the
    parent's experiment. A parent that the store does not hold is told, and left out."""
    asked = parent or os.environ.get(PARENT)
    above = found(client, asked)
    if asked and not above:
        told = f"mlflow: {PARENT} is {asked}, and the store holds no such run; {name} is logged without a parent"
        print(told, file=sys.stderr, flush=True)
    place = above.info.experiment_id if above else experiment(client)
    nested = {PARENT_TAG: above.info.run_id} if above else {}
    run = client.create_run(place, run_name=name, tags={**tags, **nested})
    return str(run.info.run_id)


def of_kind(client: "MlflowClient", place: str, kind: str) -> "Iterator[Run]":
    """The runs of an experiment whose tag `kind` says so."""
    page = client.search_runs([place], f"tags.{KIND} = '{kind}'")
    yield from page
    while page.token:
        page = client.search_runs([place], f"tags.{KIND} = '{kind}'", page_token=page.token)
        yield from page


def held(run: "Run") -> dict[str, int]:
    """Each metric of a run and the last step at which it was logged."""
    return {metric.key: metric.step for metric in run.data._metric_objs}


def add(client: "MlflowClient", run_id: str, rows: Iterable[tuple[int, Mapping[str, float]]]) -> None:
    """Log numbers at their steps, as many in a request as MLflow takes."""
    from mlflow.entities import Metric
    from mlflow.utils.validation import MAX_METRICS_PER_BATCH

    now = int(time.time() * 1000)
    metrics = [Metric(allowed(name), value, now, step) for step, row in rows for name, value in row.items()]
    for at in range(0, len(metrics), MAX_METRICS_PER_BATCH):
        client.log_batch(run_id, metrics=metrics[at : at + MAX_METRICS_PER_BATCH])


def describe(client: "MlflowClient", run_id: str, settings: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Parameters that the run has not got, for MLflow lets none be changed, and tags, which are set anew."""
    from mlflow.entities import Param, RunTag
    from mlflow.utils.validation import MAX_PARAMS_TAGS_PER_BATCH

    there = client.get_run(run_id).data.params
    params = [Param(name, cut(str(value))) for key, value in settings.items() if (name := allowed(key)) not in there]
    for at in range(0, len(params), MAX_PARAMS_TAGS_PER_BATCH):
        client.log_batch(run_id, params=params[at : at + MAX_PARAMS_TAGS_PER_BATCH])
    client.log_batch(run_id, tags=[RunTag(name, cut(value)) for name, value in tags.items()])


def final(client: "MlflowClient", run_id: str, told: Mapping[str, float], step: int = 0) -> None:
    """Numbers that a run has one of, logged where the run does not hold them already."""
    there: dict[str, Any] = client.get_run(run_id).data.metrics
    add(client, run_id, [(step, {name: value for name, value in told.items() if there.get(allowed(name)) != value})])


def add_files(client: "MlflowClient", run_id: str, folder: Path, names: Iterable[str]) -> None:
    """Files and folders of a run's folder as artifacts under the same names; what lies there is replaced."""
    for name in names:
        path = folder / name
        if path.is_dir() and any(path.iterdir()):
            client.log_artifacts(run_id, str(path), name)
        elif path.is_file():
            client.log_artifact(run_id, str(path))


def allowed(name: str) -> str:
    """A name of a metric or parameter without the characters that MLflow refuses."""
    return re.sub(r"[^\w\-. :/]", "_", name, flags=re.ASCII)


def cut(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 4]} ..."
