"""A DPO config that cannot work, or would silently do something else, is refused with a sentence before it loads."""

from pathlib import Path

import pytest

from policy.config import ConfigError
from rl.dpo.config import read
from rl.stages import on_one_gpu

SOUND = {"task": "worlds", "model_name_or_path": "policy/seedling", "loss_type": "[sigmoid]"}

REFUSED = {
    "loss_weights has 1 numbers and loss_type 2": {"loss_type": "[sigmoid, sft]", "loss_weights": "[1.0]"},
    "one above it": {"loss_type": "[sigmoid, sft]", "loss_weights": "[0.0, 0.0]"},
    "names no loss": {"loss_type": "[]"},
    "must be above 0; it holds": {"beta": "0"},
    "has no meaning for apo_zero": {"loss_type": "[apo_zero]", "f_divergence_type": "js_divergence"},
    "sigmoid does not read in TRL": {"label_smoothing": "0.1"},
    "takes the logarithm": {"loss_type": "[exo_pair]"},
    "wrong way round": {"loss_type": "[robust]", "label_smoothing": "0.5"},
    "another pair": {"loss_type": "[aot]", "use_weighting": "true"},
    "accumulation does not count": {"loss_type": "[aot_unpaired]", "per_device_train_batch_size": "1"},
    "f_alpha_divergence_coef would be ignored": {"f_alpha_divergence_coef": "0.3"},
    "from 0 to 1": {"ld_alpha": "1.5"},
    "the reference that moved": {"sync_ref_model": "true"},
    "TRL 1.16 has switched it off": {"padding_free": "true"},
    "nothing is ever cut": {"truncation_mode": "keep_end"},
    "disable_dropout: false as well": {"use_peft": "true", "lora_dropout": "0.1"},
    "two": {"train_sampling_strategy": "group_by_length"},
    "no pairs would be held out": {"eval_strategy": "steps", "validation_share": "0"},
    "an evaluation measures one: execution_accuracy": {
        "eval_strategy": "steps", "load_best_model_at_end": "true", "metric_for_best_model": "eval_loss",
    },
    "pairs names no file": {"pairs": "[]"},
    "names lm_head": {"use_peft": "true", "lora_target_modules": "[lm_head]"},
    "quantised weights cannot be trained": {"load_in_4bit": "true"},
    "must be one of sigmoid": {"loss_type": "[sigmod]"},
    "precompute_ref_batch_size would be ignored": {"precompute_ref_batch_size": "4"},
}  # fmt: skip
"""A part of the sentence -> the keys that bring it about."""

FINE = (
    {"loss_type": "[sigmoid, sft]", "loss_weights": "[1.0, 0.2]", "ld_alpha": "0.5"},
    {"loss_type": "[robust]", "label_smoothing": "0.1", "f_divergence_type": "alpha_divergence"},
    {"loss_type": "[aot]", "per_device_train_batch_size": "2"},
    {"use_peft": "true", "lora_dropout": "0.1", "disable_dropout": "false", "precompute_ref_log_probs": "true"},
    {"loss_type": "[exo_pair]", "label_smoothing": "0.001"},
)


def config(folder: Path, keys: dict[str, str]) -> list[str]:
    file = folder / "dpo_tried.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in (SOUND | keys).items()))
    return ["--config", str(file)]


@pytest.mark.parametrize("told", REFUSED)
def test_what_cannot_work_is_refused_with_a_sentence(told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(config(tmp_path, REFUSED[told]))
    assert told in str(refused.value)


@pytest.mark.parametrize("keys", FINE, ids=lambda keys: keys.get("loss_type", "lora"))
def test_what_can_work_is_let_through(keys: dict[str, str], tmp_path: Path) -> None:
    assert read(config(tmp_path, keys))["task"] == "worlds"


def test_an_adapter_without_weights_to_merge_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/adapter_config.json").write_text('{"peft_type": "PROMPT_TUNING"}')
    with pytest.raises(ConfigError, match="no weights to merge"):
        read(config(tmp_path, {"model_name_or_path": str(tmp_path / "policy")}))


def test_where_several_gpus_are_visible_one_is_asked_for_and_no_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WORLD_SIZE", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("nvidia0", "nvidia1", "nvidiactl"):
        (tmp_path / name).touch()
    told = on_one_gpu("rl.dpo", ["--config", "a b.yaml"], tmp_path)
    assert told.startswith("2 GPUs") and told.endswith("CUDA_VISIBLE_DEVICES=0 python -m rl.dpo --config 'a b.yaml'")
    (tmp_path / "nvidia1").unlink()
    assert on_one_gpu("rl.dpo", [], tmp_path) == ""


def test_several_processes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="one process"):
        read(config(tmp_path, {}))
