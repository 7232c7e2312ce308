"""What a rehearsed step says it holds is what a real step holds, and what is asked for less memory needs less."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, Qwen3Config

from policy.memory.architecture import architecture
from policy.memory.card import fitting, told
from policy.memory.estimate import GIB, Estimate, estimate
from policy.memory.live import Live
from policy.memory.plan import Plan, of_completions, of_lessons, of_pairs
from policy.memory.rehearsal import rehearse

SMALL = Qwen3Config(
    vocab_size=512, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, head_dim=32, tie_word_embeddings=True,
)  # fmt: skip
VALUES: dict[str, Any] = {
    "per_device_train_batch_size": 8,
    "gradient_accumulation_steps": 1,
    "gradient_checkpointing": False,
    "answer_batch_size": 4,
    "optim": "adamw_torch_fused",
    "use_peft": False,
    "load_in_4bit": False,
    "load_in_8bit": False,
    "dtype": "float32",
    "bf16": False,
    "fp16": False,
    "max_length": 512,
    "pad_to_multiple_of": "auto",
}


def plan(values: dict[str, Any]) -> Plan:
    return Plan(
        values, values["per_device_train_batch_size"], values["max_length"], 32, values["answer_batch_size"], 16
    )


def test_a_rehearsed_step_holds_what_a_real_one_does() -> None:
    from trl.trainer import utils

    held = utils._CHUNKED_LOGPROB_CHUNK_SIZE
    found = rehearse(SMALL, plan(VALUES))
    assert held == utils._CHUNKED_LOGPROB_CHUNK_SIZE, "put back"
    model = AutoModelForCausalLM.from_config(SMALL).train()
    utils.add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    utils._CHUNKED_LOGPROB_CHUNK_SIZE = SMALL.vocab_size
    try:
        with Live() as live:
            ids = torch.ones(8, 512, dtype=torch.long)
            out = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, fused_lm_head=True)
            out.loss.backward()
    finally:
        utils._CHUNKED_LOGPROB_CHUNK_SIZE = held
    assert live.peak <= found.step < 1.2 * live.peak, "tiles of logits, most of so small a model, are counted longer"
    assert found.all == found.trained == sum(weight.numel() for weight in model.parameters())
    assert found.weights == found.gradients == 4 * found.all


def test_what_should_need_less_memory_does() -> None:
    def peak(**changed: Any) -> float:
        return estimate(SMALL, plan(VALUES | changed), base=0).training

    whole = peak()
    assert peak(per_device_train_batch_size=4, gradient_accumulation_steps=2) < 0.7 * whole
    assert peak(gradient_checkpointing=True) < 0.8 * whole
    assert peak(bf16=True) < 0.9 * whole
    assert peak(max_length=256) < 0.6 * whole


def test_virtual_tokens_count_once() -> None:
    from peft import PromptTuningConfig

    values = VALUES | {"packing": False, "prompt_tuning": "random", "num_virtual_tokens": 100, "max_new_tokens": 16}
    of = of_lessons(values, 300, 250, "cpu")
    found = rehearse(SMALL, of, PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=100))
    one_token = 2 * 2 * 32 * 4  # keys and values, two layers, one head of 32, float32
    assert found.cache == 4 * (250 + 100 + 16) * one_token


def test_rows_are_counted_as_long_as_they_are_padded() -> None:
    values = VALUES | {"packing": False, "pad_to_multiple_of": 32, "max_new_tokens": 16, "max_completion_length": 40}
    assert of_lessons(values, 390, 350, "cpu").tokens == 416
    pairs = values | {"precompute_ref_log_probs": False}
    assert of_pairs(pairs, 350, 40, "cpu").tokens == 416
    completions = of_completions(values | {"beta": 0.0}, 350, 8, "cpu")
    assert (completions.tokens, completions.scored) == (352 + 64, 64), "prompts and completions by themselves"
    for multiple, warned in ((32, False), ("auto", True)):
        of = plan(VALUES | {"pad_to_multiple_of": multiple})
        assert ("pad_to_multiple_of 32 prevents it" in estimate(SMALL, of).in_words()) == warned


def test_the_output_head_is_not_held_in_four_bits_and_what_is_trained_there_is_in_float32() -> None:
    from peft import LoraConfig

    values, tied = VALUES | {"load_in_4bit": True, "bf16": True}, SMALL.to_dict() | {"tie_word_embeddings": False}
    found = rehearse(Qwen3Config(**tied), plan(values), LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear"))
    words, linear = 2 * 512 * 64, 2 * (64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 128)
    norms = found.all - found.trained - words - linear
    assert found.weights == pytest.approx(2 * (words + norms) + 0.55 * linear + 4 * found.trained)
    assert found.gradients == 4 * found.trained


@pytest.mark.parametrize(
    ("optim", "bytes_each"), [("adamw_torch", 4), ("adamw_8bit", 2), ("paged_adamw_32bit", 8), ("lion_32bit", 4)]
)
def test_the_state_of_bitsandbytes_does_not_shrink_with_the_precision_of_the_weights(
    optim: str, bytes_each: int
) -> None:
    assert plan(VALUES | {"optim": optim}).state(1000, 2 * 1000) == 1000 * bytes_each


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Qwen/Qwen3-0.6B", 596_049_920),
        ("Qwen/Qwen2.5-Coder-1.5B-Instruct", 1_543_714_304),
        ("Qwen/Qwen2.5-3B-Instruct", 3_085_938_688),
        ("google/gemma-3-1b-it", 999_885_952),
        ("tiiuae/Falcon3-1B-Base", 1_669_408_768),
    ],
)
def test_the_sizes_written_down_give_the_number_of_parameters_that_the_hub_tells(name: str, parameters: int) -> None:
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(architecture(name))
    assert sum(weight.numel() for weight in model.parameters()) == parameters


@pytest.fixture
def asked() -> Callable[[Any], Estimate]:
    """An estimate of one formula: a row takes a GiB, with checkpoints a third of it."""

    def asked(values: Any) -> Estimate:
        a_row = GIB / (3 if values["gradient_checkpointing"] else 1)
        whole = Estimate(0, GIB, 0, 2 * GIB, 0, values["per_device_train_batch_size"] * a_row, 0, 1, 1, "cuda")
        return dataclasses.replace(whole, optimizer=GIB) if "8bit" in values["optim"] else whole

    return asked


def test_of_what_makes_it_fit_the_least_harm_comes_first(asked: Callable[[Any], Estimate]) -> None:
    _, made, after = fitting(VALUES, 8 * GIB, asked)
    assert [dict(change.keys) for change in made] == [
        {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
    ]
    assert after["per_device_train_batch_size"] == 4
    assert told(VALUES, 80, asked).endswith("it fits")
    assert "--per_device_train_batch_size 1   # is 8" in told(VALUES, 4, asked)
    assert "take a smaller model" in told(VALUES, 1, asked)


def test_what_helps_only_together_is_tried_before_what_leaves_examples_out() -> None:
    def asked(values: Any) -> Estimate:
        rows, answered = values["per_device_train_batch_size"], values["answer_batch_size"] / 8
        return Estimate(0, 0, 0, 0, 0, rows * GIB, answered * GIB, 1, 1, "cuda")

    held = VALUES | {"answer_batch_size": 64, "gradient_checkpointing": True, "optim": "adamw_8bit", "use_peft": True}
    _, made, after = fitting(held | {"load_in_4bit": True, "dtype": "bfloat16"}, 6 * GIB, asked)
    assert [list(change.keys) for change in made] == [
        ["per_device_train_batch_size", "gradient_accumulation_steps"], ["answer_batch_size"]
    ]  # fmt: skip
    assert after["max_length"] == VALUES["max_length"]
