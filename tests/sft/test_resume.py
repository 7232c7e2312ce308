"""A run that is killed and resumed ends with the very weights of one that was left alone, whatever is trained."""

import json
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from policy.checkpoints import forget_after, last_whole
from sft.train import main

from ..warm import ALONE, Warm
from ..warm import run as finished

ROOT = Path(__file__).parent.parent.parent
LORA = "--use_peft true --lora_target_modules all-linear --lora_r 4 --lora_dropout 0.1"
METHODS = {
    "full": "",
    "lora": LORA,
    "qlora": f"{LORA} --load_in_4bit true --use_bnb_nested_quant true",
    "mixed": '--lessons {"text_to_sql":1,"repair":0.5,"sql_to_text":0.5} --train_size 48 --measure_repair true',
    "prompt": "--prompt_tuning random --num_virtual_tokens 4 --learning_rate 0.1",
}
RUN = """
task: worlds
train_size: 96
held_out_size: 4
learning_rate: 1e-2
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
num_train_epochs: 3
max_new_tokens: 2
max_length: 1024
logging_steps: 1
save_steps: 4
save_total_limit: 1
eval_strategy: steps
eval_steps: 4
validation_size: 4
load_best_model_at_end: true
metric_for_best_model: perplexity
"""
"""36 steps over three epochs, checkpoints in the middle of an epoch, the best of them reloaded at the end."""


def weights(run: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((run / "policy").glob("*.safetensors"))}


def logged(run: Path) -> list[dict[str, float]]:
    """What the run logged, without what time tells, and without the mean loss that transformers gives at the end, which
    is that of the last part only."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    left_out = ("second", "runtime", "train_loss")
    return [{k: v for k, v in line.items() if not any(part in k for part in left_out)} for line in lines]


def kill_at(step: int, command: list[str], metrics: Path) -> None:
    """Start it, and kill it as soon as it has logged that step."""
    process = Warm(command)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        if metrics.is_file() and f'"step": {step},' in metrics.read_text():
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    _, told = process.communicate()
    assert process.returncode == -signal.SIGKILL, told[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_killed_and_resumed_the_weights_are_the_same_to_the_bit(method: str, small_model: Path, tmp_path: Path) -> None:
    config = tmp_path / "sft_small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\n{RUN}")
    left_alone, killed = tmp_path / "left_alone", tmp_path / "killed"
    words = ["--config", str(config), *METHODS[method].split(), "--run_name", "small", "--output_dir"]
    command = [sys.executable, "-m", "sft.train", *words]
    with (tmp_path / "beside").open("w") as told:
        beside = subprocess.Popen([*command, str(left_alone)], cwd=ROOT, stdout=told, stderr=told, env=ALONE)
    resume = [*command, str(killed), "--resume"]
    kill_at(2, resume[:-1], killed / "metrics.jsonl")  # before the first checkpoint
    kill_at(14, resume, killed / "metrics.jsonl")  # between two of them
    done = finished(resume)
    assert done.returncode == 0, done.stderr[-2000:]
    assert beside.wait() == 0, (tmp_path / "beside").read_text()[-2000:]
    assert len(weights(left_alone)) == 1
    assert weights(killed) == weights(left_alone)
    assert logged(killed) == logged(left_alone)
    summary = json.loads((killed / "summary.json").read_text())
    (killed / "summary.json").unlink()  # as if it had been killed while it answered for the last time
    (killed / "eval/after.jsonl").unlink()
    done = finished(resume)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((killed / "summary.json").read_text()) == summary, "nothing was trained twice"


@pytest.mark.slow
def test_a_run_that_gets_worse_stops_early_and_keeps_its_best_policy(small_model: Path, tmp_path: Path) -> None:
    config = tmp_path / "sft_small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\n{RUN}")
    run = tmp_path / "run"
    ruinous = "--learning_rate 1 --warmup_steps 8 --max_grad_norm 100 --eval_steps 2 --save_steps 2"
    main(["--config", str(config), *ruinous.split(), "--early_stopping_patience", "2", "--output_dir", str(run)])
    summary = json.loads((run / "summary.json").read_text())
    assert summary["steps"] < 36 and summary["best_step"] == summary["steps"] - 4
    best = run / f"checkpoints/checkpoint-{summary['best_step']}/model.safetensors"
    assert weights(run)["model.safetensors"] == best.read_bytes()
    perplexities = [line["eval_perplexity"] for line in logged(run) if "eval_perplexity" in line]
    assert summary["best_metric"] == min(perplexities)


def checkpoint(folder: Path, name: str, state: str | None = '{"global_step": 1}') -> Path:
    """One as transformers leaves it, of two numbers."""
    made = folder / name
    made.mkdir()
    save_file({"weight": np.ones(2, np.float32)}, made / "model.safetensors")
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
        with zipfile.ZipFile(made / name, "w") as written:
            written.writestr("data", bytes(99))
    if state is not None:
        (made / "trainer_state.json").write_text(state)
    return made


def test_a_torn_checkpoint_is_passed_over_and_removed(tmp_path: Path) -> None:
    states = '{"global_step": 4}', '{"global_step": 8}', '{"global_st', None, "null"
    for step, state in zip((4, 8, 12, 16, 20), states, strict=True):
        checkpoint(tmp_path, f"checkpoint-{step}", state)
    assert last_whole(tmp_path) == tmp_path / "checkpoint-8"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["checkpoint-4", "checkpoint-8"]
    assert last_whole(tmp_path / "nothing") is None


@pytest.mark.parametrize("file", ["model.safetensors", "optimizer.pt", "rng_state.pth"])
@pytest.mark.parametrize("left", [None, 0, 0.5, 0.99])
def test_a_checkpoint_that_was_damaged_since_is_passed_over_and_kept(
    tmp_path: Path, file: str, left: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint(tmp_path, "checkpoint-4")
    damaged = checkpoint(tmp_path, "checkpoint-8") / file
    whole = damaged.read_bytes()
    damaged.unlink()
    if left is not None:
        damaged.write_bytes(whole[: int(left * len(whole))])
    assert last_whole(tmp_path) == tmp_path / "checkpoint-4"
    assert "checkpoint-8 is passed over" in capsys.readouterr().out
    assert damaged.parent.is_dir()
    damaged.write_bytes(whole)
    assert last_whole(tmp_path) == tmp_path / "checkpoint-8"


def test_a_folder_that_somebody_put_beside_the_checkpoints_is_let_alone(tmp_path: Path) -> None:
    for name in ("checkpoint-8", "checkpoint-12-mine"):
        checkpoint(tmp_path, name)
    (tmp_path / "checkpoint-best").mkdir()
    (tmp_path / "checkpoint-99").write_text("a file")
    assert last_whole(tmp_path) == tmp_path / "checkpoint-8"
    assert len(list(tmp_path.iterdir())) == 4


def test_what_was_logged_after_the_checkpoint_is_logged_once(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.jsonl"
    metrics.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    forget_after(metrics, 2)
    assert metrics.read_text() == '{"step": 1}\n{"step": 2}\n'


@pytest.mark.parametrize("broken", [b'{"step": 1, "lo', b"null", b'{"loss": 1}', b"\xff\xfe", b""])
def test_a_broken_line_of_the_log_costs_none_of_the_others(tmp_path: Path, broken: bytes) -> None:
    metrics, told = tmp_path / "metrics.jsonl", '{"step": 2, "told": "one line\u2028or two"}\n'.encode()
    metrics.write_bytes(b'{"step": 1}\n' + broken + b"\n" + told)
    forget_after(metrics, 2)
    assert metrics.read_bytes() == b'{"step": 1}\n' + told
