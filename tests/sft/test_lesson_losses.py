"""The loss of each kind of lesson is its own, and what is said of text-to-SQL does not depend on what else is watched
(contract with TRL 1.16: `_metrics`, `evaluation_loop`)."""

import json
import math
from pathlib import Path

import pytest

from sft.train import main

RUN = """
task: worlds
train_size: 8
held_out_size: 4
max_steps: 1
learning_rate: 1e-12
per_device_train_batch_size: 4
per_device_eval_batch_size: 4
max_new_tokens: 2
eval_strategy: steps
eval_steps: 1
validation_size: 12
save_strategy: "no"
"""
MIXTURE = '{"text_to_sql": 1, "repair": 1, "sql_to_text": 0.5}'


@pytest.mark.slow
def test_each_kind_has_a_loss_of_its_own_and_that_of_text_to_sql_stays(small_model: Path, tmp_path: Path) -> None:
    config = tmp_path / "sft_small.yaml"
    config.write_text(f"model_name_or_path: {small_model}\n{RUN}")
    told: dict[str, dict[str, float]] = {}
    for name, more in {"alone": [], "mixed": ["--lessons", MIXTURE, "--measure_repair", "true"]}.items():
        main(["--config", str(config), *more, "--output_dir", str(tmp_path / name)])
        lines = map(json.loads, (tmp_path / name / "metrics.jsonl").read_text().splitlines())
        told[name] = next(line for line in lines if "eval_loss" in line)
    alone, mixed = told["alone"], told["mixed"]
    for key in ("eval_loss", "eval_perplexity", "eval_mean_token_accuracy", "eval_entropy"):
        assert mixed[key] == pytest.approx(alone[key], abs=1e-5), key
    losses = [mixed[key] for key in ("eval_loss", "eval_repair_loss", "eval_sql_to_text_loss")]
    assert len(set(losses)) == 3 and all(map(math.isfinite, losses))
    assert math.exp(mixed["eval_repair_loss"]) == pytest.approx(mixed["eval_repair_perplexity"])
    assert not [key for key in alone if "repair" in key]
    summary = json.loads((tmp_path / "mixed/summary.json").read_text())
    assert set(summary["eval_losses"]) == {"text_to_sql", "repair", "sql_to_text"}
    assert set(summary["repair_round"]) == {"before", "after"}
    assert "| repair (12) |" in (tmp_path / "mixed/report.md").read_text()
    assert "lessons.jsonl" not in [file.name for file in (tmp_path / "alone").iterdir()]
