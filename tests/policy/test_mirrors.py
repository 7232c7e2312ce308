"""MLflow and TensorBoard mirror a run: their own packages read back each step once, through kills and dead servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

mlflow = pytest.importorskip("mlflow")
accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

from mlflow import MlflowClient  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
DRIVE = """
import json, os, signal, sys, time
from pathlib import Path
from transformers import TrainerControl, TrainerState
from policy.checkpoints import forget_after
from policy.run_folder import append_json, open_run, write_whole
from policy.tracking.run import tracked
from rl.config import read

folder, first, last, end, trackers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
resolved = read(["--config", "configs/grpo_seedling.yaml", "--report_to", trackers, "--output_dir", str(folder)])
run = open_run(folder, resolved.to_yaml(), resume=folder.is_dir())
forget_after(run.metrics, first - 1)
write_whole(folder / "environment.json", json.dumps({"commit": "abcdef0123", "stand_in": True}))
with tracked(resolved, run) as callbacks:
    state, control = TrainerState(global_step=first - 1, max_steps=10), TrainerControl()
    for callback in callbacks:
        callback.on_train_begin(None, state, control)
    for state.global_step in range(first, last + 1):
        step = state.global_step
        lines = [{"reward": step / 10, "sql/ok": 1.0, "epoch": 0.5}]
        if step % 3 == 0:
            lines += [{"eval_loss": step / 3, "eval_perplexity": 2.0, "eval_execution_accuracy": 0.25, "epoch": 0.5}]
        for logs in lines:
            append_json(run.metrics, {"step": step, "seconds": 0.0} | logs)
            for callback in callbacks:
                callback.on_log(None, state, control, logs=logs)
    if end == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    change = {"mean": 0.2, "low": 0.1, "high": 0.3, "gained": 3, "lost": 0, "p": 0.02}
    write_whole(folder / "report.md", "# A report")
    write_whole(folder / "eval/after.jsonl", "{}")
    write_whole(folder / "summary.json", json.dumps({"stand_in": True, "after": {"mean": 0.6}, "difference": change}))
"""


def drive(
    folder: Path, first: int, last: int, end: str, trackers: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """A training in miniature, in a process of its own: steps `first` to `last` are logged, then it ends or dies."""
    asked = [sys.executable, "-c", DRIVE, str(folder), str(first), str(last), end, trackers]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, env=kept | more)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MlflowClient, str]:
    """A run killed after step 7, resumed from a checkpoint at step 4, under a parent; with the id of that."""
    folder = tmp_path_factory.mktemp("mirrors")
    uri = f"sqlite:///{folder}/mlflow.db"
    client = MlflowClient(uri)
    place = client.create_experiment("trials", artifact_location=(folder / "artifacts").as_uri())
    parent = client.create_run(place, run_name="all of them").info.run_id
    told = {"MLFLOW_TRACKING_URI": uri, "MLFLOW_PARENT_RUN_ID": parent}
    assert drive(folder / "run", 1, 7, "kill", "[mlflow, tensorboard]", **told).returncode == -signal.SIGKILL
    done = drive(folder / "run", 5, 10, "finish", "[mlflow, tensorboard]", **told)
    assert done.returncode == 0 and " failed (" not in done.stdout, done.stdout + done.stderr
    return folder / "run", client, parent


def test_mlflow_holds_each_step_once_under_one_id_and_its_parent(resumed: tuple[Path, MlflowClient, str]) -> None:
    folder, client, parent = resumed
    run = client.get_run(json.loads((folder / "tracking.json").read_text())["mlflow"])
    assert run.info.status == "FINISHED" and run.info.experiment_id == client.get_run(parent).info.experiment_id
    assert [one.info.run_name for one in client.search_runs([run.info.experiment_id])] == ["run", "all of them"]
    history = {
        name: [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, name)]
        for name in run.data.metrics
    }
    assert history["rewards/reward"] == [(step, step / 10) for step in range(1, 11)]
    assert history["time/epoch"] == [(step, 0.5) for step in range(1, 11)]
    assert history["validation/loss"] == [(3, 1.0), (6, 2.0), (9, 3.0)]
    assert history["validation/perplexity"] == [(step, 2.0) for step in (3, 6, 9)]
    assert history["accuracy/execution_accuracy"] == [(step, 0.25) for step in (3, 6, 9)]
    assert history["report/after/mean"] == [(10, 0.6)] and history["report/difference/p"] == [(10, 0.02)]
    tags = {"mlflow.parentRunId": parent, "commit": "abcdef0123", "task": "worlds", "method": "rl.grpo"}
    assert tags | {"stand_in": "true", "verdict": "better"} | run.data.tags == run.data.tags
    assert run.data.params["rewards.blended"] == "1.0" and run.data.params["task"] == "worlds"
    files = {one.path for one in client.list_artifacts(run.info.run_id)}
    assert files >= {"report.md", "config.yaml", "summary.json", "metrics.jsonl", "environment.json", "eval"}


def test_tensorboard_reads_each_step_once_with_the_config_beside(resumed: tuple[Path, MlflowClient, str]) -> None:
    folder, _, _ = resumed
    assert len(list((folder / "tensorboard").iterdir())) == 2, "one event file for each start"
    events = accumulator.EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    shown = {name: [(one.step, one.value) for one in events.Scalars(name)] for name in events.Tags()["scalars"]}
    assert shown["rewards/reward"] == [(step, pytest.approx(step / 10)) for step in range(1, 11)]
    assert shown["time/epoch"] == [(step, 0.5) for step in range(1, 11)]
    assert shown["validation/loss"] == [(3, 1.0), (6, 2.0), (9, 3.0)]
    assert shown["accuracy/execution_accuracy"] == [(step, 0.25) for step in (3, 6, 9)]
    assert shown["report/after/mean"] == [(10, pytest.approx(0.6))]
    (config,) = events.Tensors("config/text_summary")
    assert "task: worlds" in config.tensor_proto.string_val[0].decode()
    started = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"rewards.blended" in started and b"learning_rate" in started


def test_trials_of_two_searches_have_folders_of_their_own_in_a_folder_of_all_and_keep_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainerState

    from policy.run_folder import RunFolder, append_json
    from policy.tracking.tensorboard_mirror import TensorboardMirror

    def log(name: str) -> None:
        run = RunFolder(tmp_path / "runs" / name)
        run.path.mkdir(parents=True, exist_ok=True)
        run.config.write_text("task: worlds\n")
        mirror = TensorboardMirror(run)
        append_json(run.metrics, {"step": 1, "seconds": 0.0, "reward": 0.5})
        mirror.on_log(None, TrainerState(global_step=1), None, logs={"reward": 0.5})  # type: ignore[arg-type]
        mirror.end()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "all"))
    for name in ("search_a/stage1/0001", "search_b/stage1/0001", "search_a/stage1/0001"):
        log(name)
    found = {folder.name.rpartition("-")[0]: len(list(folder.iterdir())) for folder in (tmp_path / "all").iterdir()}
    assert found == {"search_a_stage1_0001": 2, "search_b_stage1_0001": 1}


def test_a_server_that_is_not_there_is_told_once_and_soon_and_the_run_goes_on(tmp_path: Path) -> None:
    began = time.monotonic()
    done = drive(tmp_path / "run", 1, 3, "finish", "mlflow", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("mlflow failed") == 1 and "metrics.jsonl" in done.stdout, done.stdout
    assert len((tmp_path / "run/metrics.jsonl").read_text().splitlines()) == 4
    assert time.monotonic() - began < 60, "MLflow's own patience would be over two minutes"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`mlflow server` that asks for a user and a password, as a hosted one does; only whole MLflow has it."""
    program = os.environ.get("MLFLOW_SERVER_PYTHON", sys.executable)
    if program == sys.executable and find_spec("flask_wtf") is None:
        pytest.skip("mlflow server needs pip install 'mlflow[auth]', here or where MLFLOW_SERVER_PYTHON is")
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    (folder / "auth.ini").write_text(
        f"[mlflow]\ndefault_permission = EDIT\ndatabase_uri = sqlite:///{folder}/auth.db\n"
        "admin_username = ann\nadmin_password = a-long-password\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    asked = [program, "-m", "mlflow", "server", "--app-name", "basic-auth", "--port", str(port), "--workers", "1"]
    asked += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    told = {"MLFLOW_AUTH_CONFIG_PATH": str(folder / "auth.ini"), "MLFLOW_FLASK_SERVER_SECRET_KEY": "only a test's"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            asked, cwd=folder, env=os.environ | told, stdout=log, stderr=log, start_new_session=True
        )
    try:
        for _ in range(600):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_remote_server_gets_the_run_from_who_may_and_refuses_who_may_not(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = drive(
        tmp_path / "no", 1, 3, "finish", "mlflow", MLFLOW_TRACKING_URI=server, MLFLOW_TRACKING_USERNAME="ann",
        MLFLOW_TRACKING_PASSWORD="guessed",
    )  # fmt: skip
    assert wrong.returncode == 0 and wrong.stdout.count("mlflow failed") == 1, wrong.stdout + wrong.stderr
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ann")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "a-long-password")
    who = {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "a-long-password"}
    done = drive(tmp_path / "run", 1, 9, "finish", "mlflow", MLFLOW_TRACKING_URI=server, **who)
    assert done.returncode == 0 and "failed" not in done.stdout, done.stdout + done.stderr
    client = MlflowClient(server)
    run = client.get_run(json.loads((tmp_path / "run/tracking.json").read_text())["mlflow"])
    history = client.get_metric_history(run.info.run_id, "rewards/reward")
    assert [(one.step, one.value) for one in history] == [(step, step / 10) for step in range(1, 10)]
    assert run.info.status == "FINISHED" and run.data.tags["verdict"] == "better"
    assert "report.md" in {one.path for one in client.list_artifacts(run.info.run_id)}
