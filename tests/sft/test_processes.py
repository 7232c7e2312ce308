"""Two processes of a fine-tuning are one run: the same lessons in a step, the same policy, and a resume."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

ROOT = Path(__file__).parent.parent.parent
ONE = [sys.executable, "-m", "sft.train"]
TWO = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", "configs/accelerate/cpu2.yaml"]
TWO += ["-m", "sft.train"]
RUN = """
task: worlds
train_size: 24
held_out_size: 4
learning_rate: 1e-2
bf16: false
max_new_tokens: 4
max_length: 1024
max_steps: 6
logging_steps: 1
save_steps: 3
eval_strategy: steps
eval_steps: 3
per_device_eval_batch_size: 2
validation_size: 4
"""
"""Three steps an epoch of eight lessons each, so that the run ends in the second."""


def weights(run: Path) -> dict[str, np.ndarray]:
    return load_file(run / "policy/model.safetensors")


def logged(run: Path, name: str) -> list[float]:
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [line[name] for line in lines if name in line]


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_twice_the_rows_and_resume(small_model: Path, tmp_path: Path) -> None:
    config = tmp_path / "small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\n{RUN}")

    def ran(command: list[str], run: str, rows: int, *more: str) -> str:
        words = ["--config", str(config), "--output_dir", str(tmp_path / run), "--run_name", "small"]
        words += ["--per_device_train_batch_size", str(rows), *more]
        settings = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run([*command, *words], cwd=ROOT, env=settings, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    ran(ONE, "one", 8)
    told = ran(TWO, "two", 4)
    assert "4 a device x 2 process(es) x 1 = 8 examples a step; 3 steps an epoch, 6 in all" in told
    assert told.count("before training") == told.count("after training") == 1
    one, two = tmp_path / "one", tmp_path / "two"
    for name, weight in weights(one).items():
        np.testing.assert_allclose(weights(two)[name], weight, atol=2e-3, err_msg=name)
    np.testing.assert_allclose(logged(two, "loss"), logged(one, "loss"), rtol=1e-3)
    np.testing.assert_allclose(logged(two, "eval_loss"), logged(one, "eval_loss"), rtol=1e-3)
    assert json.loads((two / "environment.json").read_text())["processes"] == 2
    whole = weights(two)
    for file in (
        "summary.json",
        "trained.json",
        "policy/model.safetensors",
        "checkpoints/checkpoint-6/trainer_state.json",
    ):
        (two / file).unlink()  # as if it had been killed before its last checkpoint was whole
    assert "resuming at step 3" in ran(TWO, "two", 4, "--resume")
    for name, weight in weights(two).items():
        np.testing.assert_array_equal(weight, whole[name])
    assert len(logged(two, "loss")) == 6
