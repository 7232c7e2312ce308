"""TRL's family of algorithms by config alone, and a second trainer as one small file."""

import json
import math
from pathlib import Path

import pytest

from rl.config import GRPO, Algorithm
from rl.rloo import RLOO
from rl.run import main

RUN = """
task: worlds
model_name_or_path: policy/seedling
train_size: 8
held_out_size: 2
rewards: {rouge_l: 1.0, executes: 0.5}
learning_rate: 1e-3
num_generations: 4
per_device_train_batch_size: 8
max_completion_length: 80
max_steps: 2
logging_steps: 1
save_steps: 2
"""
FAMILY = {
    "grpo": (GRPO, "--loss_type grpo --scale_rewards group"),
    "dr_grpo": (GRPO, "--loss_type dr_grpo --scale_rewards none"),
    "dapo": (GRPO, "--loss_type dapo --epsilon_high 0.28 --mask_truncated_completions true"),
    "cispo": (GRPO, "--loss_type cispo --epsilon_high 5.0"),
    "gspo": (GRPO, "--loss_type grpo --importance_sampling_level sequence --num_iterations 2"),
    "gdpo": (GRPO, "--multi_objective_aggregation normalize_then_sum"),
    "rloo": (RLOO, "--beta 0.02"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILY)
def test_it_trains_and_keeps_its_rollouts(name: str, tmp_path: Path) -> None:
    config = tmp_path / f"{name}.yaml"
    config.write_text(RUN)
    algorithm, words = FAMILY[name]
    assert isinstance(algorithm, Algorithm)
    main(["--config", str(config), *words.split(), "--output_dir", str(tmp_path / "run")], algorithm)
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "grad_norm" in line]
    assert [line["step"] for line in steps] == [1, 2]
    assert all(math.isfinite(line["loss"]) and math.isfinite(line["grad_norm"]) for line in steps)
    assert {"rewards/rouge_l/mean", "reward", "time/reward", "time/recording", "time/generation"} <= steps[0].keys()
    assert any(line["grad_norm"] > 0 for line in steps), "something was learned"
    assert (tmp_path / "run/policy/model.safetensors").is_file()
