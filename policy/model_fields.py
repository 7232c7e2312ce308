"""The fields of TRL's ModelConfig that a config may set, with their defaults, as plain types.

Generated from trl 1.16.0 and transformers 5.17.0 by `python -m policy.trl_fields`: do not edit.
"""

# fmt: off
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ModelFields:
    """TRL's ModelConfig."""

    model_name_or_path: str | None = None
    model_revision: str = "main"
    dtype: Literal["auto", "bfloat16", "float16", "float32"] | None = "float32"
    attn_implementation: str | None = None
    use_peft: bool = False
    lora_r: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    lora_target_modules: str | list[str] | None = None
    lora_modules_to_save: list[str] | None = None
    use_rslora: bool = False
    use_dora: bool = False
    load_in_8bit: bool = False
    load_in_4bit: bool = False
    bnb_4bit_quant_type: Literal["fp4", "nf4"] = "nf4"
    use_bnb_nested_quant: bool = False
