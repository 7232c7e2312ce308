"""The watch beside a trainer: it tells each disease once, everywhere, stops what is lost, and resumes as it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policy.checkpoints import forget_after
from policy.run_folder import RunFolder, open_run
from rl.health.__main__ import diagnoses
from rl.health.physician import lines

from ...warm import run

ROOT = Path(__file__).parent.parent.parent.parent
RUNS = Path(__file__).parent / "runs"
TINY = [
    "--config", "configs/grpo_seedling.yaml", "--train_size", "32", "--held_out_size", "4", "--max_steps", "12",
    "--per_device_train_batch_size", "8", "--max_completion_length", "16", "--logging_steps", "5",
]  # fmt: skip


def watched(folder, found, begun=0, stop=True):
    """A run that logs these lines, as its callbacks see it; what its trackers were handed, and whether it goes on."""
    from transformers import TrainerControl, TrainerState

    from policy.callbacks import MetricsFile
    from rl.health.watch import Watch

    state, control, handed = TrainerState(global_step=begun), TrainerControl(), []
    callbacks = [MetricsFile(folder), Watch(folder, 0.5, stop)]
    for callback in callbacks:
        callback.on_train_begin(None, state, control)
    for line in found:
        state.global_step = line["step"]
        logs = {name: value for name, value in line.items() if name not in ("step", "seconds")}
        for callback in callbacks:
            callback.on_log(None, state, control, logs=logs)
        handed += [(name, state.global_step) for name in logs if name.startswith("health/")]
        if control.should_training_stop:
            break
    return handed, control.should_training_stop


def readings(name):
    return [line for line in lines(RUNS / f"{name}.jsonl") if "reward" in line]


def diagnosed(folder):
    return [(line["health"]["name"], line["step"]) for line in lines(folder.metrics) if "health" in line]


@pytest.fixture
def folder(tmp_path):
    return open_run(tmp_path / "run", "max_unscored_share: 0.5\n", resume=False)


def test_a_disease_reaches_console_file_and_trackers_and_the_command_finds_it_again(folder, capsys):
    handed, stopped = watched(folder, readings("reward_hacking"))
    assert ("health/reward_hacking", 15) in handed and not stopped
    assert diagnosed(folder) == [(name.removeprefix("health/"), step) for name, step in handed]
    told = capsys.readouterr().out
    assert "- HEALTH -" in told and max(map(len, told.splitlines())) <= 100
    words = " ".join(told.replace("|", " ").split())
    assert "step 15, reward_hacking: the reward rose" in words and "twins: true" in words
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "rl.health", folder.path], cwd=ROOT, capture_output=True, text=True
    )
    for name, step in diagnosed(folder):
        assert f"{name} (step {step})" in asked.stdout
    assert not {"torch", "trl", "transformers"} & {line.rpartition("|")[2].strip() for line in asked.stderr.split("\n")}


@pytest.mark.parametrize("name", ["reward_hacking", "learning_rate_too_large", "healthy_seed_1"])
def test_a_killed_run_that_is_resumed_writes_the_same_diagnoses(folder, name, tmp_path):
    found = readings(name)
    watched(folder, found)
    killed = open_run(tmp_path / "killed", "", resume=False)
    watched(killed, found[:18])
    forget_after(killed.metrics, 10)
    watched(killed, found[10:], begun=10)
    assert diagnosed(killed) == diagnosed(folder)
    assert [line["step"] for line in lines(killed.metrics)] == [line["step"] for line in lines(folder.metrics)]


@pytest.mark.parametrize("stop", [True, False])
def test_a_lost_run_stops_with_the_reason_unless_it_is_only_to_be_told(folder, capsys, stop):
    from rl.health.watch import why_stopped

    found = [{"step": step, "loss": float("nan") if step > 3 else 0.1, "reward": 0.5} for step in range(1, 7)]
    handed, stopped = watched(folder, found, stop=stop)
    assert handed == [("health/not_a_number", 4)] and stopped is stop
    assert ("stopping at step 4" in capsys.readouterr().out) is stop
    assert why_stopped(folder).startswith("STOPPED at step 4, not_a_number: loss is not finite.") is stop
    assert [line["step"] for line in lines(folder.metrics) if "loss" in line][-1] == (4 if stop else 6)


def test_the_command_says_what_to_name(tmp_path):
    asked = subprocess.run(
        [sys.executable, "-m", "rl.health", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2 and "runs/NAME" in asked.stderr and "Traceback" not in asked.stderr


@pytest.mark.slow
def test_a_real_run_whose_reward_fails_stops_and_its_report_says_why(tmp_path):
    folder = RunFolder(tmp_path / "run")
    done = run([sys.executable, "-m", "tests.rl.health.failing_reward", *TINY, "--output_dir", folder.path])
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("ZeroDivisionError: division by zero") == 1
    assert diagnosed(folder) == [("rewards_failing", 1), ("everything_truncated", 3)], "16 tokens are too few as well"
    assert diagnosed(folder) == [(one.name, one.step) for one in diagnoses(folder)]
    assert [line["step"] for line in lines(folder.metrics) if "reward" in line] == [1, 2, 3], "the first steps are told"
    assert json.loads((folder.path / "summary.json").read_text())["stopped"].startswith("STOPPED at step 3")
    assert "STOPPED at step 3, rewards_failing" in (folder.path / "report.md").read_text()
