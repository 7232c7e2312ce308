"""Answers are read beside each other only by models that keep them apart."""

from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    MambaConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3NextConfig,
)

from policy.branches import kept_apart

TINY = {"vocab_size": 64, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4, "bos_token_id": 1}
TINY |= {"eos_token_id": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "pad_token_id": 0}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
EXPERTS |= {"shared_expert_intermediate_size": 32, "linear_num_value_heads": 4, "linear_num_key_heads": 2}


def model(kind: type[PreTrainedConfig], attention: str, **more: Any) -> PreTrainedModel:
    torch.manual_seed(0)
    made = AutoModelForCausalLM.from_config(kind(**TINY | more), attn_implementation=attention)
    for weight in made.parameters():
        if weight.dim() > 1:
            weight.data.normal_(std=0.15)
    return made.eval()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_one_that_attends_to_all_does(attention: str) -> None:
    assert kept_apart(model(Qwen2Config, attention), 500)
    assert kept_apart(model(Qwen2Config, attention).bfloat16(), 500), "rounding alone is no reason"


def test_one_that_sees_a_window_does_as_long_as_all_is_in_it() -> None:
    for kind in (MistralConfig, Gemma3TextConfig):
        assert kept_apart(model(kind, "sdpa", sliding_window=32), 32)
        assert not kept_apart(model(kind, "sdpa", sliding_window=32), 33)


def test_one_that_passes_on_a_state_does_not() -> None:
    assert not kept_apart(model(Qwen3NextConfig, "sdpa", **EXPERTS), 500), "three of its four layers do"
    assert not kept_apart(model(MambaConfig, "eager"), 500)
