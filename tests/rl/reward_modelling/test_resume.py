"""A reward model's run that is killed and resumed ends as one that was left alone, and as one plain folder."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.resume import differences, kill_at
from rl.pairs.pair import Pair, write

from ...warm import ALONE, Warm, run

ROOT = Path(__file__).parent.parent.parent.parent
RUN = """
task: worlds
validation_share: 0.2
learning_rate: 1e-3
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
num_train_epochs: 3
warmup_steps: 2
max_length: 256
center_rewards_coefficient: 0.01
logging_steps: 3
save_steps: 4
save_total_limit: 2
eval_strategy: steps
eval_steps: 4
load_best_model_at_end: true
metric_for_best_model: loss
answer_batch_size: 16
"""
"""Checkpoints within an epoch and between two logs; the best of them reloaded at the end."""
LORA = "--use_peft true --lora_r 4 --lora_target_modules all-linear --lora_dropout 0.1 --disable_dropout false"
METHODS = {
    "full": "",
    "prior": "--log_prob_prior true --pairs_together 4",
    "lora": LORA,
    "qlora": f"{LORA} --load_in_4bit true --use_bnb_nested_quant true",
}


@pytest.fixture
def command(request: pytest.FixtureRequest, pair: Callable[..., Pair], small_model: Path, tmp_path: Path) -> list[str]:
    train = [pair(f"{n}", f"museum{n % 12}", f"column{n}", "invented_column" if n % 2 else "") for n in range(72)]
    write(tmp_path / "pairs.jsonl", train)
    write(tmp_path / "test.jsonl", [pair(f"t{n}", f"zoo{n}", f"column{n}", "wrong_column") for n in range(6)])
    config = tmp_path / "reward_model_small.yaml"
    files = f"pairs: [{tmp_path / 'pairs.jsonl'}]\ntest_pairs: [{tmp_path / 'test.jsonl'}]\n"
    config.write_text(f"model_name_or_path: {small_model}\n{files}{RUN}")
    words = ["--config", str(config), "--run_name", "small", *METHODS[request.param].split(), "--output_dir"]
    return [sys.executable, "-m", "rl.reward_model", *words]


def finished(command: list[str]) -> str:
    done = run(command)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", METHODS, indirect=True)
def test_killed_and_resumed_it_is_the_same_run_to_the_bit(command: list[str], tmp_path: Path) -> None:
    alone, killed, log = tmp_path / "alone", tmp_path / "killed", tmp_path / "log"
    with (tmp_path / "beside").open("w") as told:
        beside = subprocess.Popen([*command, str(alone)], cwd=ROOT, stdout=told, stderr=told, env=ALONE)
    assert kill_at([*command, str(killed)], killed, 6, 0.0, log, Warm), log.read_text()[-2000:]
    assert kill_at([*command, str(killed), "--resume"], killed, 12, 0.1, log, Warm), log.read_text()[-2000:]
    finished([*command, str(killed), "--resume"])
    assert beside.wait() == 0, (tmp_path / "beside").read_text()[-2000:]
    assert differences(alone, killed) == []
    assert [path.read_bytes() for path in sorted((alone / "eval").glob("*"))] == [
        path.read_bytes() for path in sorted((killed / "eval").glob("*"))
    ], "the same pairs, and every logit"
    summaries = [json.loads((run / "summary.json").read_text()) for run in (alone, killed)]
    assert summaries[0] == summaries[1]
    gradients = [json.loads(line).get("grad_norm", 0) for line in (alone / "metrics.jsonl").read_text().splitlines()]
    assert max(gradients) > 0, "or any resumed run would end with the same weights"
    assert "is finished" in finished([*command, str(killed), "--resume"])
    config = json.loads((alone / "policy/config.json").read_text())
    assert config["architectures"] == ["Qwen3ForSequenceClassification"]
    assert not (alone / "policy/adapter_config.json").exists() and (alone / "policy/reward_model.json").is_file()
    assert (alone / "policy/prior/model.safetensors").is_file() == ("--log_prob_prior" in command)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["lora"], indirect=True)
def test_what_is_saved_says_what_the_adapter_and_its_head_said(command: list[str], tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification

    from policy.learned_reward import LearnedReward

    finished([*command, str(tmp_path / "run"), "--learning_rate", "1e-2"])
    whole = LearnedReward(str(tmp_path / "run"))
    adapter = tmp_path / "run/adapter"
    base = json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"]
    start = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, dtype="float32")
    apart = PeftModel.from_pretrained(start, str(adapter)).eval()
    ids = torch.tensor([[5, 6, 7, 8, 2]])
    with torch.no_grad():
        merged, before = whole.model(ids).logits.item(), apart(input_ids=ids).logits.item()
        with apart.disable_adapter():
            untrained = apart(input_ids=ids).logits.item()
    assert merged == pytest.approx(before, abs=1e-4)
    assert abs(untrained - before) > 1e-3, "the adapter and the head say something"
