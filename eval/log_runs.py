"""Put finished runs and their evaluations into MLflow, each once however often this is asked; no model, no GPU.

    python -m eval.log_runs runs/sft_seedling_full runs/grpo_seedling --parent "seedling, SFT then GRPO"
    python -m eval.log_runs runs/seed_1 runs/seed_2 runs/seed_3 --parent seeds --measures runs/seeds/measure.json
    export MLFLOW_PARENT_RUN_ID=$(python -m eval.log_runs --parent "learning rates")   # trainings nest under it

A run that was tracked while it trained (`report_to: mlflow`) stays the run it is, and what is missing in it is filled
in. Each policy of a measure.json (of eval.measure: accuracy, parseable and the others with their 95% intervals, and
latency) becomes a run of its own, nested under the training it evaluates, else under the parent; those that lie in a
run's folder are found. The store is MLflow's: MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME, MLFLOW_TRACKING_USERNAME and
MLFLOW_TRACKING_PASSWORD. Prints the parent's id and nothing else to stdout.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from policy.run_folder import RunFolder
from policy.tracking import mlflow_store as store
from policy.tracking.facts import numbers
from policy.tracking.mlflow_run import close_run, open_run
from policy.tracking.packages import installed
from policy.tracking.unseen import Unseen, logged

if TYPE_CHECKING:
    from mlflow.client import MlflowClient

KEY = "samples_file"
"""Tag by which an evaluation is found again: the file of samples that it is of."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.log_runs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("runs", nargs="*", type=Path, metavar="RUN", help="folder of a finished run")
    add("--parent", metavar="NAME", help="nest them under the run of that name, made where there is none")
    add("--measures", nargs="+", default=[], type=Path, metavar="FILE", help="measure.json outside the runs' folders")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if not (given.runs or given.measures or given.parent):
        raise ConfigError("nothing to log: name folders of runs, files by --measures, or a --parent")
    if not installed("mlflow"):
        raise ConfigError("mlflow is not installed, and this is its command: pip install mlflow")
    folders = [_finished(path) for path in given.runs]
    measured = [*given.measures, *(file for one in folders for file in sorted(one.path.rglob("measure.json")))]
    evaluations = [found for file in dict.fromkeys(measured) for found in _policies(file)]
    os.environ.pop("MLFLOW_RUN_ID", None)  # names one run, and here are several
    client = store.connect()
    try:
        with redirect_stdout(sys.stderr):  # MLflow says where each run can be seen
            parent = _parent(client, given.parent) if given.parent else os.environ.get(store.PARENT) or None
            ids = {one.path.resolve(): log_run(client, one, parent) for one in folders}
            for name, about, told in evaluations:
                above = next((ids[place] for place in _trained_in(about) if place in ids), parent)
                log_evaluation(client, name, about, told, above)
    except Exception as error:  # mlflow has a class for each store, and passes on those of requests and SQLAlchemy
        said = (str(error).strip().splitlines() or [""])[0]
        raise ConfigError(
            f"MLflow at {client.tracking_uri} failed ({type(error).__name__}: {said}); "
            "what is logged already stays, and the same command goes on from there"
        ) from error
    print(f"{len(ids)} runs and {len(evaluations)} evaluations are in {client.tracking_uri}", file=sys.stderr)
    if given.parent:
        print(parent)


def log_run(client: "MlflowClient", folder: RunFolder, parent: str | None) -> str:
    """The id of the MLflow run that now holds everything of a finished run."""
    run_id = open_run(client, folder, parent)
    unseen = Unseen(store.held(client.get_run(run_id)), store.allowed)
    store.add(client, run_id, [(line["step"], unseen.of(line["step"], line)) for line in logged(folder)])
    close_run(client, run_id, folder, "FINISHED")
    return run_id


def log_evaluation(
    client: "MlflowClient", name: str, about: Mapping[str, Any], told: Mapping[str, float], parent: str | None
) -> str:
    """The id of the run of one policy's evaluation: the known one of the same samples under the same parent."""
    key = str(Path(str(about["samples"])).resolve())
    place = client.get_run(parent).info.experiment_id if parent else store.experiment(client)
    known = store.of_kind(client, place, "evaluation")
    same = [run for run in known if (run.data.tags.get(KEY), run.data.tags.get(store.PARENT_TAG)) == (key, parent)]
    tags = {store.KIND: "evaluation", KEY: key}
    tags |= {name: str(value) for name, value in about.items() if value is not None}
    run_id = same[0].info.run_id if same else store.new_run(client, f"{name}, evaluated", tags, parent)
    store.describe(client, run_id, {}, tags)
    store.final(client, run_id, told)
    client.set_terminated(run_id, "FINISHED")
    return str(run_id)


def _parent(client: "MlflowClient", name: str) -> str:
    for run in store.of_kind(client, store.experiment(client), "parent"):
        if run.info.run_name == name:
            return str(run.info.run_id)
    run_id = store.new_run(client, name, {store.KIND: "parent"})
    client.set_terminated(run_id, "FINISHED")
    return run_id


def _finished(path: Path) -> RunFolder:
    for name, fix in (("config.yaml", "name the folder of a run"), ("summary.json", "finish it with --resume")):
        if not (path / name).is_file():
            raise ConfigError(f"{path} holds no {name}: it is no finished run; {fix}")
    return RunFolder(path)


def _policies(file: Path) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, float]]]:
    """The policies of a measure.json: name, what is known of each, its numbers. Raises ConfigError where it is none."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        for at, (name, about) in enumerate(told["policies"].items()):
            means = {row["name"]: row["cells"][at]["mean"] for row in told["rows"] if row["cells"][at]["mean"]}
            waits = {"latency": told["latency"].get(name) or {}}
            yield name, about, {"questions": float(told["questions"])} | numbers(means) | numbers(waits)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ConfigError(f"{file} is not what python -m eval.measure writes ({error!r})") from error


def _trained_in(about: Mapping[str, Any]) -> list[Path]:
    """Folders that may be the run an evaluation is of: what its policy's name says, else where its samples lie."""
    policy = about.get("policy")
    named = [Path(str(policy)), Path(str(policy)).parent] if policy else []
    return [path.resolve() for path in (*named, *Path(str(about["samples"])).parents)]


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
