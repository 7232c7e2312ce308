"""Finished runs and their evaluations come into MLflow as one tree, once, however often they are logged."""

import json
from pathlib import Path
from typing import Any

import pytest

mlflow = pytest.importorskip("mlflow")

from mlflow import MlflowClient  # noqa: E402

from eval.log_runs import main  # noqa: E402
from eval.measure.__main__ import main as measure  # noqa: E402
from eval.score import main as score  # noqa: E402
from policy.config_error import ConfigError  # noqa: E402

RIGHT, WRONG = "SELECT name FROM items WHERE price = 4", "SELECT name FROM items WHERE"
LONG = "x" * 9_000


def finished(folder: Path, accuracy: float) -> Path:
    """A run's folder in the files that are logged."""
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(
        f"# python -m sft.train --config x.yaml\ntask: worlds\nrun_name: {LONG}\nrewards:\n  blended: 1.0\n"
    )
    change = {"mean": 0.0, "low": -0.1, "high": 0.1}
    summary = {"stand_in": False, "after": {"mean": accuracy, "low": 0.1, "high": 0.9}, "difference": change}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "report.md").write_text("# A report")
    (folder / "environment.json").write_text('{"commit": "abcdef0123"}')
    lines = [{"step": step, "seconds": 1.0, "loss": 1.0 / step, "epoch": 1.0} for step in range(1, 1_201)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def whole(client: MlflowClient) -> dict[str, Any]:
    """Everything that a store holds: each run's parent, tags, parameters, every metric at every step, and files."""
    (place,) = [one.experiment_id for one in client.search_experiments() if one.name == "text-to-sql"]
    return {
        run.info.run_id: (
            run.info.run_name,
            run.info.status,
            run.data.tags,
            run.data.params,
            {name: history(client, run.info.run_id, name) for name in run.data.metrics},
            [file.path for file in client.list_artifacts(run.info.run_id)],
        )
        for run in client.search_runs([place])
    }


def history(client: MlflowClient, run_id: str, name: str) -> list[tuple[int, float]]:
    return sorted((one.step, one.value) for one in client.get_metric_history(run_id, name))


@pytest.fixture
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)  # where MLflow puts the artifacts of a local store
    for name in ("MLFLOW_RUN_ID", "MLFLOW_PARENT_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture
def client(uri: str) -> MlflowClient:
    return MlflowClient(uri)


def test_two_seeds_and_an_evaluation_are_a_tree_and_twice_the_same_tree(client, shop, tmp_path, capsys):
    one, two = finished(tmp_path / "runs/one", 0.5), finished(tmp_path / "runs/two", 0.6)
    place = shop({"q1": RIGHT, "q2": "SELECT count(*) FROM items"})
    samples = place.samples("samples.jsonl", {"q1": [(RIGHT, -1.0)], "q2": [(WRONG, -1.0)]})
    score(["--samples", str(samples)])
    (one / "eval").mkdir()
    for name in ("samples.jsonl", "scores.jsonl"):
        (tmp_path / name).rename(one / "eval" / name)
    measure(["--samples", str(one / "eval/samples.jsonl"), "--output", str(one / "eval"), "--workers", "1"])
    capsys.readouterr()
    main([str(one), str(two), "--parent", "it's two seeds"])
    parent = capsys.readouterr().out.strip()
    held = whole(client)
    assert len(held) == 4 and held[parent][0] == "it's two seeds"
    first, second = (json.loads((run / "tracking.json").read_text())["mlflow"] for run in (one, two))
    (evaluation,) = held.keys() - {parent, first, second}
    above = {run_id: tags.get("mlflow.parentRunId") for run_id, (_, _, tags, *_) in held.items()}
    assert above == {parent: None, first: parent, second: parent, evaluation: first}
    assert {status for _, status, *_ in held.values()} == {"FINISHED"}
    _, _, tags, params, metrics, files = held[second]
    assert metrics["policy/loss"] == [(step, 1.0 / step) for step in range(1, 1_201)]
    assert metrics["report/after/mean"] == [(1_200, 0.6)]
    assert params["rewards.blended"] == "1.0" and params["run_name"] == LONG[:496] + " ..."
    assert (tags["verdict"], tags["commit"], tags["method"]) == ("no difference shown", "abcdef0123", "sft.train")
    assert {"config.yaml", "report.md", "summary.json"} <= set(files)
    measured = held[evaluation][4]
    assert measured["correct/mean"] == [(0, 0.5)] and measured["parseable/mean"] == [(0, 0.5)]
    assert measured["correct/low"][0][1] < 0.5 < measured["correct/high"][0][1]
    main([str(one), str(two), "--parent", "it's two seeds"])
    assert capsys.readouterr().out.strip() == parent and whole(client) == held


def test_only_what_is_new_is_added(client, tmp_path):
    run = finished(tmp_path / "run", 0.5)
    main([str(run)])
    (before,) = whole(client).values()
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps(summary | {"after": {"mean": 0.75, "low": 0.1, "high": 0.9}}))
    main([str(run), "--parent", "later"])
    held = whole(client)
    run_id = json.loads((run / "tracking.json").read_text())["mlflow"]
    after = held[run_id]
    assert len(held) == 2 and after[2]["mlflow.parentRunId"] in held
    assert after[4].pop("report/after/mean") == [(1_200, 0.5), (1_200, 0.75)]
    assert before[4].pop("report/after/mean") == [(1_200, 0.5)] and after[4] == before[4]
    assert client.get_run(run_id).data.metrics["report/after/mean"] == 0.75, "the last that was logged is shown"


@pytest.mark.parametrize(
    ("missing", "told"), [("config.yaml", "name the folder of a run"), ("summary.json", "finish it with --resume")]
)
def test_what_is_no_finished_run_is_refused_before_anything_is_logged(uri, tmp_path, missing, told):
    run = finished(tmp_path / "run", 0.5)
    (run / missing).unlink()
    with pytest.raises(ConfigError, match=told):
        main([str(run), "--parent", "all"])
    assert not (tmp_path / "mlflow.db").exists()


def test_a_server_that_is_not_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(ConfigError, match=r"MLflow at http://127\.0\.0\.1:9 failed"):
        main([str(finished(tmp_path / "run", 0.5))])
