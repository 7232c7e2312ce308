"""A real training in MLflow and TensorBoard, as their own packages read it back."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("mlflow")
accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")

from mlflow import MlflowClient  # noqa: E402

from .. import warm  # noqa: E402

SFT = """
task: worlds
train_size: 32
held_out_size: 4
per_device_train_batch_size: 4
max_steps: 4
max_new_tokens: 2
max_length: 1024
logging_steps: 1
eval_strategy: steps
eval_steps: 2
validation_size: 4
validation_answers: 4
use_cpu: true
report_to: [mlflow, tensorboard]
"""


@pytest.mark.slow
def test_every_number_of_a_real_training_is_in_both(small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "sft_small.yaml").write_text(f"model_name_or_path: {small_model}\n{SFT}")
    uri, run = f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "run"
    client = MlflowClient(uri)
    client.create_experiment("text-to-sql", artifact_location=(tmp_path / "artifacts").as_uri())
    asked = [sys.executable, "-m", "sft.train", "--config", str(tmp_path / "sft_small.yaml"), "--output_dir", str(run)]
    told = {"MLFLOW_TRACKING_URI": uri}
    done = warm.run(asked, warm.ALONE | told)
    assert done.returncode == 0 and " failed (" not in done.stdout, done.stdout + done.stderr
    run_id = json.loads((run / "tracking.json").read_text())["mlflow"]
    events = accumulator.EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    wanted = {"policy/loss": "loss", "validation/perplexity": "eval_perplexity"}
    wanted |= {"validation/loss": "eval_loss", "accuracy/execution_accuracy": "eval_execution_accuracy"}
    for name, logged in wanted.items():
        numbers = [(line["step"], line[logged]) for line in lines if logged in line]
        assert numbers and numbers[-1][0] == 4, logged
        assert [(one.step, one.value) for one in client.get_metric_history(run_id, name)] == numbers
        assert [(one.step, one.value) for one in events.Scalars(name)] == [
            (step, pytest.approx(value, rel=1e-5)) for step, value in numbers
        ]
    summary = json.loads((run / "summary.json").read_text())
    assert client.get_run(run_id).data.metrics["report/after/high"] == summary["after"]["high"]
