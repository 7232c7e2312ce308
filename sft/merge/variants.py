"""One exported checkpoint each: the same policy in another precision, written so that it loads again by itself."""

import json
import shutil
from logging import getLogger
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel, PreTrainedTokenizerBase

from policy.config_error import ConfigError
from sft.merge.merging import to_device
from sft.merge.obstacles import writable
from sft.merge.trained_policy import TrainedPolicy

getLogger("bitsandbytes.autograd._functions").setLevel("ERROR")  # it says at every product that int8 takes float16
PLAIN = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
OF_AN_ADAPTER = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin")


def quantised(name: str) -> Any:
    """bitsandbytes' config of a variant: LLM.int8 with its usual outlier threshold of 6, or NF4 with its scales
    quantised too (QLoRA's double quantisation); None for a plain precision."""
    if name == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=6.0)
    if name == "nf4":
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    return None


def write(name: str, source: Path, folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write one variant, made from the full-precision checkpoint in `source`. What int8 and nf4 do not quantise
    (embeddings, norms, the head) is kept in bfloat16. Raises ConfigError where fp16 cannot hold a weight."""
    config = quantised(name)
    options: dict[str, Any] = {} if config is None else {"quantization_config": config}
    model = _from(source, PLAIN.get(name, torch.bfloat16), **options)
    if name == "fp16" and not all(bool(weights.isfinite().all()) for weights in model.parameters()):
        raise ConfigError("fp16 cannot hold this model's largest weights (above 65,504): leave fp16 out of --variants.")
    save(model, folder, tokenizer)


def save(model: PreTrainedModel, folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Weights, config, generation config, tokenizer and chat template.

    A 4-bit model must not have answered anything before: on a CPU with AVX512-BF16 its first answer rounds the scales
    to bfloat16, and those would be saved (bitsandbytes 0.50).
    """
    with writable(folder):
        for part in (model, tokenizer):
            part.save_pretrained(folder)  # pyright: ignore[reportUnknownMemberType]


def write_adapter(policy: TrainedPolicy, folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """The adapter's own files beside its tokenizer; its config names the base as `TrainedPolicy.base` does."""
    folder.mkdir(parents=True)
    for file in OF_AN_ADAPTER:
        if (policy.folder / file).is_file():
            shutil.copyfile(policy.folder / file, folder / file)
    config = dict(policy.adapter or {}) | {"base_model_name_or_path": policy.base}
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tokenizer.save_pretrained(folder)  # pyright: ignore[reportUnknownMemberType]


def load(folder: Path) -> PreTrainedModel:
    """An exported checkpoint in its own precision, on the GPU where there is one."""
    model = _from(folder, "auto")
    if getattr(model.config, "quantization_config", None) is None:
        to_device(model)
    return model.eval()


def _from(folder: Path, dtype: torch.dtype | str, **options: Any) -> PreTrainedModel:
    auto: Any = AutoModelForCausalLM
    return auto.from_pretrained(folder, dtype=dtype, **options)


def size(folder: Path) -> int:
    """Bytes of weights on disk."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.suffix in (".safetensors", ".bin"))
