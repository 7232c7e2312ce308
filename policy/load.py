"""A policy by path or hub name: a checkpoint, or an adapter folder on its base, and its tokenizer."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from policy.availability import folder_of

if TYPE_CHECKING:
    from trl import ModelConfig

logging.disable_progress_bar()  # bars of a model that loads in a moment hide what a run says


def locate(name: str) -> str:
    """A model name as transformers can open it: a folder that is there, or the name itself."""
    folder = folder_of(name)
    return str(folder) if folder.exists() else name


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer, padding on the left as generation needs, with a pad token."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(locate(name), padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def policy_to_train(config: "ModelConfig") -> str | PreTrainedModel:
    """What a TRL trainer is given as `model`: a path, or an adapter folder merged into its base.

    A trainer that starts from an adapter with a reference resumes wrongly (trl 1.16): merged, it gets a fresh one.
    """
    name = locate(config.model_name_or_path or "")
    if not (Path(name) / "adapter_config.json").is_file():
        return name
    merged = load_policy(name, config.dtype or "float32")
    assert isinstance(merged, PeftModel)
    return merged.merge_and_unload()


def load_policy(name: str, dtype: str | torch.dtype = "float32", **options: Any) -> PreTrainedModel | PeftModel:
    """The model, in `dtype`; a folder that holds an adapter is put on the base it names."""
    adapter = Path(locate(name)) / "adapter_config.json"
    if adapter.is_file():
        base = json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"]
        return PeftModel.from_pretrained(load_policy(base, dtype, **options), locate(name))
    return AutoModelForCausalLM.from_pretrained(locate(name), dtype=dtype, **options)
