"""A DPO run that is stopped, by whatever stops it, ends as one that was left alone: weights and metrics, to the bit."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.resume import differences, kill_at, metrics, step_reached

from ...warm import ALONE, Warm
from ...warm import run as finished

ROOT = Path(__file__).parent.parent.parent.parent
RUN = """
task: worlds
held_out_size: 2
held_out_split: test
validation_share: 0.2
learning_rate: 1e-3
beta: 0.1
precompute_ref_log_probs: true
per_device_train_batch_size: 2
gradient_accumulation_steps: 2
num_train_epochs: 2
max_completion_length: 2
save_steps: 4
save_total_limit: 3
logging_steps: 3
eval_strategy: steps
eval_steps: 4
validation_size: 2
load_best_model_at_end: true
metric_for_best_model: execution_accuracy
"""
LORA = "--use_peft true --lora_r 4 --lora_target_modules all-linear --lora_dropout 0.1 --disable_dropout false"
METHODS = {"full": "", "lora": LORA, "qlora": f"{LORA} --load_in_4bit true --use_bnb_nested_quant true"}


def words(method: str, small_model: Path, pair_file: Path, folder: Path) -> list[str]:
    config = folder / "dpo_small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\npairs: ['{pair_file}']\n{RUN}")
    return ["--config", str(config), "--run_name", "small", *METHODS[method].split(), "--output_dir"]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_killed_twice_and_told_to_stop_once_it_is_the_same_run(
    method: str, small_model: Path, pair_file: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "rl.dpo", *words(method, small_model, pair_file, tmp_path)]
    alone, killed, log = tmp_path / "alone", tmp_path / "killed", tmp_path / "log"
    with (tmp_path / "beside").open("w") as told:
        beside = subprocess.Popen([*command, str(alone)], cwd=ROOT, stdout=told, stderr=told, env=ALONE)
    assert kill_at([*command, str(killed)], killed, 2, 0.0, log, Warm), log.read_text()[-2000:]
    assert kill_at([*command, str(killed), "--resume"], killed, 9, 0.1, log, Warm), log.read_text()[-2000:]
    done = finished([*command, str(killed), "--resume"])
    assert done.returncode == 0, done.stderr[-2000:]
    resumed = re.search(r"resuming at step (\d+)", done.stdout)
    assert beside.wait() == 0, (tmp_path / "beside").read_text()[-2000:]
    assert resumed and int(resumed[1]) >= 8, "from where the second kill left it"
    gradients = [float(line["grad_norm"]) for line in metrics(alone) if "grad_norm" in line]
    assert gradients and all(one > 0 for one in gradients), "or any resumed run would end with the same weights"
    assert differences(alone, killed) == []
    assert (killed / "summary.json").read_text() == (alone / "summary.json").read_text()
    assert "is finished" in finished([*command, str(killed), "--resume"]).stdout
    stopped = tmp_path / "stopped"
    process = Warm([*command, str(stopped)])
    while process.poll() is None and step_reached(stopped) < 6:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM and "--resume goes on" in told, told[-2000:]
    saved = max(int(one.name.rpartition("-")[2]) for one in (stopped / "checkpoints").glob("checkpoint-*"))
    assert 6 <= saved <= 8, "after the step in which it heard"
    done = finished([*command, str(stopped), "--resume"])
    assert done.returncode == 0, done.stderr[-2000:]
    found = differences(alone, stopped)
    assert [line for line in found if "metrics" not in line and "step" not in line] == [], "weights"
    assert json.loads((alone / "trained.json").read_text())["best_step"] is not None
