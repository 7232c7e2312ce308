"""A run that is stopped, by whatever stops it, ends as one that was left alone: weights, metrics and rollouts."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.resume import differences, kill_at, metrics, step_reached

from ..warm import ALONE, Warm
from ..warm import run as finished

ROOT = Path(__file__).parent.parent.parent
RUN = """
task: worlds
train_size: 24
held_out_size: 4
held_out_split: test
rewards: {blended: 1.0, brevity: 0.1}
learning_rate: 1e-3
beta: 0.05
entropy_coef: 0.01
num_generations: 4
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
steps_per_generation: 4
max_completion_length: 6
max_steps: 32
save_steps: 4
save_total_limit: 2
logging_steps: 3
eval_strategy: steps
eval_steps: 4
validation_size: 4
load_best_model_at_end: true
metric_for_best_model: execution_accuracy
"""
"""No completion of random weights earns anything: what is learned here comes from the entropy of what was sampled, and
the reference. Four questions a generation, used for two steps; 12 steps an epoch, so that checkpoints lie within and
between."""
METHODS = {"full": "", "lora": "--use_peft true --lora_r 4 --lora_target_modules all-linear --lora_dropout 0.1"}


@pytest.fixture(scope="module")
def command(request: pytest.FixtureRequest, small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    config = tmp_path_factory.mktemp("config") / "grpo_small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\n{RUN}")
    words = ["--config", str(config), "--run_name", "small", *METHODS[request.param].split(), "--output_dir"]
    return [sys.executable, "-m", "rl.grpo", *words]


@pytest.fixture(scope="module")
def beside(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Path]]:
    """What waits for the run that is left alone, in an interpreter of its own; it goes on beside what is tested."""
    run = tmp_path_factory.mktemp("runs") / "left_alone"
    log = run.with_name("log")
    with log.open("w") as told:
        process = subprocess.Popen([*command, str(run)], cwd=ROOT, stdout=told, stderr=told, env=ALONE)

    def ended() -> Path:
        assert process.wait() == 0, log.read_text()[-2000:]
        gradients = [line["grad_norm"] for line in metrics(run) if "grad_norm" in line]
        assert gradients and all(float(one) > 0 for one in gradients), "or any run would end with the same weights"
        return run

    yield ended
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def left_alone(beside: Callable[[], Path]) -> Path:
    return beside()


def resumed(command: list[str], run: Path) -> Path:
    done = finished([*command, str(run), "--resume"])
    assert done.returncode == 0, done.stderr[-2000:]
    return run


@pytest.mark.slow
@pytest.mark.parametrize("command", METHODS, indirect=True)
def test_killed_within_two_epochs_and_resumed_it_is_the_same_run(
    command: list[str], beside: Callable[[], Path], tmp_path: Path
) -> None:
    run, log = tmp_path / "killed", tmp_path / "log"
    assert kill_at([*command, str(run)], run, 6, 0.0, log, Warm), log.read_text()[-2000:]
    assert kill_at([*command, str(run), "--resume"], run, 19, 0.1, log, Warm), log.read_text()[-2000:]
    assert differences(beside(), resumed(command, run)) == []
    again = finished([*command, str(run), "--resume"])
    assert again.returncode == 0 and "is finished" in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
def test_killed_after_its_last_step_it_takes_no_other(command: list[str], left_alone: Path, tmp_path: Path) -> None:
    run = tmp_path / "killed_late"
    shutil.copytree(left_alone, run)
    config = run / "config.yaml"
    config.write_text(config.read_text().replace(str(left_alone), str(run)))
    for name in ("trained.json", "summary.json", "report.md", "eval/after.jsonl"):
        (run / name).unlink()
    shutil.rmtree(run / "policy")
    assert differences(left_alone, resumed(command, run)) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
def test_told_to_stop_it_saves_first_and_goes_on_from_there(
    command: list[str], left_alone: Path, tmp_path: Path
) -> None:
    run = tmp_path / "stopped"
    process = Warm([*command, str(run)])
    while process.poll() is None and step_reached(run) < 9:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM, told[-2000:]
    saved = max(int(folder.name.rpartition("-")[2]) for folder in (run / "checkpoints").glob("checkpoint-*"))
    assert 9 <= saved <= 12 and saved % 2 == 0, "between two generations, and soon"
    assert f"saved at step {saved} of 32; --resume goes on" in told
    found = differences(left_alone, resumed(command, run))
    assert [line for line in found if "metrics" not in line and "step" not in line] == [], "weights and rollouts"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
def test_a_full_disk_costs_a_sentence_and_what_came_after_the_last_checkpoint(
    command: list[str], left_alone: Path, tmp_path: Path
) -> None:
    disk, run = tmp_path / "disk", tmp_path / "disk/run"
    disk.mkdir()
    size = sum(file.stat().st_size for file in left_alone.rglob("*") if file.is_file())
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={int(size * 0.7)}", "tmpfs", str(disk)]).returncode:
        pytest.skip("this system does not let root mount a tmpfs")
    try:
        done = finished([*command, str(run)])
        assert done.returncode == 2, done.stderr[-2000:]
        assert "cannot be written" in done.stderr and "MiB are free" in done.stderr and "--resume" in done.stderr
        assert "Traceback" not in done.stderr
        shutil.copytree(run, tmp_path / "moved")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    before = step_reached(tmp_path / "moved")
    assert before > 0
    shutil.move(tmp_path / "moved", run)
    assert differences(left_alone, resumed(command, run)) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
def test_a_folder_that_vanishes_is_named(command: list[str], tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = Warm([*command, str(run)])
    while process.poll() is None and step_reached(run) < 2:
        time.sleep(0.02)
    shutil.rmtree(run)
    _, told = process.communicate()
    assert process.returncode == 2 and "has vanished" in told and "Traceback" not in told, told[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
def test_the_log_of_the_best_checkpoint_is_kept_with_its_answers(left_alone: Path) -> None:
    lines = [json.loads(line) for line in (left_alone / "metrics.jsonl").read_text().splitlines()]
    measured = {line["step"]: line["eval_execution_accuracy"] for line in lines if "eval_execution_accuracy" in line}
    assert list(measured) == list(range(0, 33, 4))
    for step in measured:
        assert len((left_alone / f"eval/step-{step:06d}.jsonl").read_text().splitlines()) == 4
    assert json.loads((left_alone / "trained.json").read_text())["best_step"] in measured


def test_nothing_but_what_a_clock_tells_is_left_out_of_the_comparison(tmp_path: Path) -> None:
    clock = {"seconds": 1.5, "step_time": 0.2, "time/reward": 0.1, "train_runtime": 9.0, "train_steps_per_second": 2.0}
    told = {"step": 3, "sql/timeout": 0.25, "loss": 0.5}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(told | clock) + "\n")
    assert metrics(tmp_path) == [{name: repr(value) for name, value in told.items()}]
