"""Trackers mirror a run: each step once and in order, through kills and failures, and the training does not notice."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policy.config import ConfigError
from policy.run_folder import RunFolder
from policy.searching import outcome
from policy.tracking import packages
from policy.tracking.charts import charts_of
from policy.tracking.names import GROUPS, TOTALS, group_of, tracker_name
from policy.tracking.packages import trackers_can_be_used
from policy.tracking.tail import Tail
from policy.tracking.telling import COLUMNS, MOST, telling
from policy.tracking.unseen import logged
from policy.tracking.wandb_log import parts, records
from rl.config import read as read_rl
from sft.config import read as read_sft

from ..warm import ALONE, Warm

ROOT = Path(__file__).parent.parent.parent
OFFLINE = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "HF_HUB_OFFLINE": "1", "WANDB_ERROR_REPORTING": "false"}
TINY = [
    "--config", "configs/grpo_seedling.yaml", "--train_size", "32", "--held_out_size", "4", "--max_steps", "6",
    "--per_device_train_batch_size", "8", "--max_completion_length", "16", "--save_steps", "2",
    "--eval_strategy", "steps", "--eval_steps", "3", "--validation_size", "4",
]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "shown"),
    [
        ("reward", "rewards/reward"),
        ("rewards/execution_match/mean", "rewards/execution_match/mean"),
        ("eval_execution_accuracy", "accuracy/execution_accuracy"),
        ("eval_execution_accuracy_low", "accuracy/execution_accuracy_low"),
        ("eval_loss", "validation/loss"),
        ("eval_runtime", "validation/runtime"),
        ("kl", "policy/kl"),
        ("clip_ratio/low_mean", "policy/clip_ratio/low_mean"),
        ("sql/missing_table", "sql/missing_table"),
        ("sampling/sampling_logp_difference/max", "sampling/sampling_logp_difference/max"),
        ("health/entropy_collapse", "health/entropy_collapse"),
        ("step_time", "time/step_time"),
        ("brand_new/number", "brand_new/number"),
        ("brand_new", "other/brand_new"),
    ],
)
def test_a_tracker_shows_a_metric_in_its_group(metric, shown):
    assert tracker_name(metric) == shown


def test_every_logged_name_is_drawn_exactly_once():
    logged = {
        "step", "seconds", "loss", "reward", "reward_std", "rewards/blended/mean", "rewards/blended/std", "kl",
        "completions/mean_length", "completions/min_length", "completions/max_length", "sql/ok", "sql/tied",
        "eval_execution_accuracy", "eval_execution_accuracy_low", "eval_execution_accuracy_high", "what/is/this",
    }  # fmt: skip
    charts = [chart for _, charts in charts_of(logged) for chart in charts]
    drawn = [name for chart in charts for name in (*chart.metrics, chart.low, chart.high) if name]
    assert sorted(drawn) == sorted(logged - {"step", "seconds"})
    accuracy = charts[0]
    assert (accuracy.metrics, accuracy.low) == (("eval_execution_accuracy",), "eval_execution_accuracy_low")


def test_no_two_names_of_a_chart_become_one_in_a_tracker():
    names = [name for g in GROUPS for c in g.charts for name in (*c.metrics, c.low, c.high) if name]
    assert len({tracker_name(name) for name in names}) == len(names)
    assert all(group_of(name).key in {group.key for group in GROUPS} for name in names)


@pytest.mark.parametrize("read", [read_rl, read_sft], ids=["rl", "sft"])
@pytest.mark.parametrize(
    ("asked", "told"),
    [("wandbb", "Did you mean wandb"), ("clearml", "pip install clearml"), ("[none, wandb]", "stands alone")],
)
def test_a_tracker_that_cannot_be_used_is_a_sentence_before_anything_loads(read, asked, told):
    config = "configs/grpo_seedling.yaml" if read is read_rl else "configs/sft_seedling_full.yaml"
    with pytest.raises(ConfigError, match=told):
        read(["--config", str(ROOT / config), "--report_to", asked])


def test_the_trackers_are_those_of_transformers():
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    assert set(packages.MODULES) == set(INTEGRATION_TO_CALLBACK) - {"kubeflow"}
    assert trackers_can_be_used("none") is trackers_can_be_used(None) is trackers_can_be_used("wandb") is None
    assert "wandb" in packages.named("all")


def rollout(at, **changed):
    row = {"step": 3, "example": f"e{at}", "question": "?", "gold_sql": "SELECT 1", "sql": f"SELECT {at}"}
    row |= {
        "status": "ok",
        "message": "",
        "correct": False,
        "reason": "",
        "rewards": {"blended": 0.1},
        "advantage": 0.0,
    }
    return row | {"completion": "c"} | changed


def test_the_rollouts_worth_reading_are_few_and_each_is_there_for_a_reason():
    rows = [rollout(at, rewards={"blended": 0.1 + at / 1000}) for at in range(100)]
    rows[7] = rollout(7, rewards={"blended": 0.69})  # wrong, and paid like a right one
    rows[8] = rollout(8, correct=True, rewards={"blended": 1.0})
    rows[9] = rollout(9, rewards={"blended": 0.0})
    rows[10] = rows[11] = rollout(10, status="timeout", rewards={"blended": 0.0})
    rows[12] = rollout(12, rewards={"blended": None})
    picked = [dict(zip(COLUMNS, row, strict=True)) for row in telling(rows, {"blended": 1.0, "brevity": 0.0})]
    assert len(picked) <= MOST
    why = {row["example"]: row["why"] for row in picked}
    assert (why["e7"], why["e8"], why["e9"]) == ("reward far from truth", "best", "worst")
    assert [row["why"] for row in picked if row["example"] == "e10"] == ["newest failure"]
    assert "e12" not in why, "an unscored rollout is neither good nor bad"


def test_a_tail_reads_what_was_appended_and_leaves_a_half_written_end_for_later(tmp_path):
    file = tmp_path / "train-0.jsonl.gz"
    member = [gzip.compress(f'{{"at": {at}}}\n'.encode()) for at in range(4)]
    file.write_bytes(member[0])
    tail = Tail(file)
    assert tail.new() == []
    file.write_bytes(member[0] + member[1] + member[2] + member[3][:9])
    assert tail.new() == [{"at": 1}, {"at": 2}]
    file.write_bytes(b"".join(member))
    assert tail.new() == [{"at": 3}]


def test_every_whole_line_of_a_log_reaches_a_tracker_and_a_torn_end_does_not(tmp_path):
    lines = ['{"step": 1, "health": "a line\u2028break"}', '{"step": 2, "loss": 1.0}', '{"step": 3, "health": "é"}']
    torn = "\n".join(lines).encode()[:-3]
    (tmp_path / "metrics.jsonl").write_bytes(torn)
    assert [line["step"] for line in logged(RunFolder(tmp_path))] == [1, 2]
    assert [line["step"] for line in outcome.logged(tmp_path)] == [1, 2]


DRIVE = """
import json, os, random, signal, sys
from pathlib import Path
import numpy
from transformers import TrainerControl, TrainerState
from policy.run_folder import append_json, open_run
from policy.tracking.run import tracked
from rl.config import read

folder, first, last, end = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
resolved = read(["--config", "configs/grpo_seedling.yaml", "--report_to", "wandb", "--output_dir", str(folder)])
run = open_run(folder, resolved.to_yaml(), resume=folder.is_dir())
random.seed(1), numpy.random.seed(1)
before = random.getstate(), str(numpy.random.get_state())
with tracked(resolved, run) as callbacks:
    state, control = TrainerState(global_step=first - 1, max_steps=10), TrainerControl()
    for callback in callbacks:
        callback.on_train_begin(None, state, control)
    for state.global_step in range(first, last + 1):
        logs = {"reward": state.global_step / 10, "rewards/blended/mean": 0.5, "sql/ok": 1.0}
        append_json(run.metrics, {"step": state.global_step, "seconds": 0.0} | logs)
        for callback in callbacks:
            callback.on_log(None, state, control, logs=logs)
        if end == "no service" and state.global_step == first:
            import psutil
            for child in psutil.Process().children(recursive=True):
                if "wandb-core" in child.name():
                    child.kill()
                    child.wait()
    if end == "kill":
        import time; time.sleep(2.5)
        os.kill(os.getpid(), signal.SIGKILL)
print("random numbers untouched" if before == (random.getstate(), str(numpy.random.get_state())) else "disturbed")
"""


def drive(folder, first, last, end="finish"):
    """A training in miniature, in a process of its own: steps `first` to `last` are logged, then it ends or dies."""
    return subprocess.run(
        [sys.executable, "-c", DRIVE, str(folder), str(first), str(last), end],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env=os.environ | OFFLINE,
    )  # fmt: skip


def history(folder):
    """The rows of every part of a run's W&B log: (step, {name: value})."""
    run_id = json.loads((folder / "tracking.json").read_text())["wandb"]
    return [
        [
            (r.history.step.num, {".".join(i.nested_key) or i.key: json.loads(i.value_json) for i in r.history.item})
            for r in records(part)
            if r.WhichOneof("record_type") == "history"
        ]
        for part in parts(folder / "wandb", run_id)
    ]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run killed after step 7, of which W&B has written less."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    assert drive(folder, 1, 7, "kill").returncode == -signal.SIGKILL
    (held,) = history(folder)
    assert 1 <= len(held) < 7, "the kill must have cost something, or this shows nothing"
    return folder


@pytest.mark.parametrize("checkpoint", [4, 7], ids=["before what W&B holds", "after what W&B holds"])
def test_killed_and_resumed_each_step_is_in_the_tracker_once_and_in_order(checkpoint, killed, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(killed, folder, symlinks=True)
    metrics = folder / "metrics.jsonl"
    metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:checkpoint]))
    (folder / "config.yaml").write_text((folder / "config.yaml").read_text().replace(str(killed), str(folder)))
    done = drive(folder, checkpoint + 1, 10)
    assert done.returncode == 0 and "random numbers untouched" in done.stdout, done.stderr
    one, two = history(folder)
    assert one and two and [step for step, _ in one + two] == list(range(1, 11))
    for step, row in one + two:
        assert row["train/global_step"] == step and row["rewards/reward"] == step / 10
        assert row["rewards/blended/mean"] == 0.5 and row["sql/ok"] == 1.0


def test_a_tracker_that_dies_is_told_once_and_the_training_goes_on(tmp_path):
    done = drive(tmp_path / "run", 1, 10, "no service")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("wandb failed") == 1, done.stdout
    assert "metrics.jsonl and rollouts/ hold everything" in done.stdout
    assert len((tmp_path / "run/metrics.jsonl").read_text().splitlines()) == 10


def grpo(folder, *arguments):
    command = [sys.executable, "-m", "rl.grpo", *TINY, "--output_dir", str(folder), *arguments]
    return Warm(command, ALONE | OFFLINE)


def weights(folder):
    return (folder / "policy/model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_run_killed_and_resumed_is_whole_in_wandb_and_learns_the_same_as_without(tmp_path):
    folder, plain = tmp_path / "tracked", tmp_path / "plain"
    command = [sys.executable, "-m", "rl.grpo", *TINY, "--output_dir", str(plain)]
    with (tmp_path / "beside").open("w") as said:
        untracked = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, env=ALONE | OFFLINE)
    killed, metrics, deadline = grpo(folder, "--report_to", "wandb"), folder / "metrics.jsonl", time.monotonic() + 400
    while killed.poll() is None and time.monotonic() < deadline:
        if metrics.is_file() and '"step": 3,' in metrics.read_text():
            killed.kill()
        time.sleep(0.05)
    assert killed.wait() == -signal.SIGKILL
    resumed = grpo(folder, "--report_to", "wandb", "--resume")
    told = resumed.communicate(timeout=500)
    assert resumed.returncode == 0, told
    assert untracked.wait() == 0, (tmp_path / "beside").read_text()[-2000:]
    assert weights(folder) == weights(plain), "a tracker changed the training"

    run_id = json.loads((folder / "tracking.json").read_text())["wandb"]
    logs = parts(folder / "wandb", run_id)
    assert len(logs) == 2
    found = [record for log in logs for record in records(log)]
    (opened, again) = (record.run for record in found if record.WhichOneof("record_type") == "run")
    assert opened.run_id == again.run_id == run_id
    config = {update.key: json.loads(update.value_json) for update in opened.config.update}
    assert config["rewards"]["blended"] == 1.0 and config["max_steps"] == 6 and config["task"] == "worlds"
    assert (opened.project, opened.job_type, opened.run_group) == ("text-to-sql", "grpo", "worlds")
    assert any(u.key == "environment" for r in found for u in r.config.update)

    shown = {}
    steps = [step for part in history(folder) for step, _ in part]
    assert steps == sorted(set(steps)), "a step was logged twice or out of order"
    for part in history(folder):
        shown |= dict(part)
    for line in map(json.loads, metrics.read_text().splitlines()):
        for name in line.keys() - {"step", "seconds", "health", *TOTALS}:
            value = shown[line["step"]][tracker_name(name)]
            if "time" not in name and "per_second" not in name:  # a resumed run repeats all but times
                assert value == pytest.approx(line[name], nan_ok=True), (line["step"], name)
    kinds = {record.artifact.type for record in found if record.WhichOneof("record_type") == "artifact"}
    assert kinds >= {"run-files", "rollouts", "scores", "model", "wandb-run-incremental-table"}
    tables = [json.loads(file.read_text()) for file in folder.glob("wandb/offline-run-*/files/media/table/*.json")]
    assert tables and all(table["columns"] == list(COLUMNS) and len(table["data"]) <= MOST for table in tables)
