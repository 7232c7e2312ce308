"""A policy by path, and what a trainer is given to start from."""

from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from transformers import BitsAndBytesConfig, PreTrainedModel
from trl import ModelConfig, SFTConfig, SFTTrainer

from policy.config import ConfigError
from policy.load import load_policy, load_tokenizer, loading, policy_to_train, train_in_full

ASKED = "SELECT name FROM boats WHERE"


def logits(model: PreTrainedModel | PeftModel) -> torch.Tensor:
    ids = load_tokenizer("policy/seedling")(ASKED, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        return model.eval()(input_ids=ids).logits


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """A LoRA on the seedling that says something of its own."""
    torch.manual_seed(0)
    model = get_peft_model(
        load_policy("policy/seedling"), LoraConfig(task_type="CAUSAL_LM", r=4, target_modules="all-linear")
    )
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    model.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def test_a_trainer_starts_from_an_adapter_merged_on_disk_that_says_what_the_adapter_said(
    adapter: Path, tmp_path: Path
) -> None:
    before, base = logits(load_policy(str(adapter))), logits(load_policy("policy/seedling"))
    start = policy_to_train(ModelConfig(model_name_or_path=str(adapter)), tmp_path / "base")
    assert start == str(tmp_path / "base")
    assert torch.allclose(logits(load_policy(start)), before, atol=1e-3)
    assert not torch.allclose(base, before, atol=0.1), "the adapter is not nothing"
    written = (tmp_path / "base/model.safetensors").stat().st_mtime_ns
    assert policy_to_train(ModelConfig(model_name_or_path=str(adapter)), tmp_path / "base") == start
    assert (tmp_path / "base/model.safetensors").stat().st_mtime_ns == written, "a resumed run reads it again"


def test_a_whole_model_is_its_own_start(tmp_path: Path) -> None:
    start = policy_to_train(ModelConfig(model_name_or_path="policy/seedling"), tmp_path / "base")
    assert Path(start, "config.json").is_file() and not (tmp_path / "base").exists()


def test_virtual_tokens_cannot_be_merged_and_a_sentence_says_so(tmp_path: Path) -> None:
    config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)
    get_peft_model(load_policy("policy/seedling"), config).save_pretrained(tmp_path / "virtual")
    with pytest.raises(ConfigError, match="no weights to merge"):
        policy_to_train(ModelConfig(model_name_or_path=str(tmp_path / "virtual")), tmp_path / "base")


def test_the_config_s_dtype_reaches_the_model_that_trl_loads() -> None:
    config = ModelConfig(model_name_or_path="Qwen/Qwen3-0.6B", dtype="bfloat16", model_revision="abc")
    assert loading(config, {"attn_implementation": "sdpa"}) == {
        "dtype": "bfloat16",
        "revision": "abc",
        "attn_implementation": "sdpa",
    }


def test_what_is_trained_on_four_bit_weights_is_held_in_float32(small_model: Path, tmp_path: Path) -> None:
    told = {"use_cpu": True, "bf16": True, "report_to": "none", "gradient_checkpointing": False}
    told["model_init_kwargs"] = {"dtype": "bfloat16"}
    trainer = SFTTrainer(
        model=str(small_model),
        args=SFTConfig(str(tmp_path), **told),
        train_dataset=Dataset.from_list([{"input_ids": [5, 6, 7], "labels": [5, 6, 7]}]),
        processing_class=load_tokenizer(str(small_model)),
        peft_config=LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear"),
        quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16),
    )

    def trained() -> set[torch.dtype]:
        return {weight.dtype for weight in trainer.model.parameters() if weight.requires_grad}

    assert trained() == {torch.bfloat16}, "TRL does it by itself now: `train_in_full` can go"
    frozen = {name: weight.dtype for name, weight in trainer.model.named_parameters() if not weight.requires_grad}
    train_in_full(trainer)
    assert trained() == {torch.float32}
    assert frozen == {name: w.dtype for name, w in trainer.model.named_parameters() if not w.requires_grad}

    read = []
    adapter = next(module for name, module in trainer.model.named_modules() if name.endswith("lora_A.default"))
    adapter.register_forward_pre_hook(lambda _, given: read.append(given[0].dtype))
    for on in (True, False):
        with torch.autocast("cpu", torch.bfloat16, enabled=on):
            trainer.model(torch.tensor([[5, 6, 7]]))
    assert read == [torch.bfloat16, torch.float32], "a copy of all it reads only where autocast makes none"
