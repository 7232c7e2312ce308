"""What tests of several floors stand on."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy of two layers and random weights; 64 numbers are one block of a four-bit weight."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from policy.load import load_tokenizer

    folder = tmp_path_factory.mktemp("small")
    tokenizer = load_tokenizer("policy/seedling")
    size = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Qwen3Config(
        vocab_size=len(tokenizer), num_key_value_heads=1, head_dim=64, tie_word_embeddings=True, **size
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
