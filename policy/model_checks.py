"""Combinations of model keys that no trainer here can run, each as a sentence, or None where all is well."""

from collections.abc import Mapping
from typing import Any

LORA_KEYS = (
    "lora_r",
    "lora_alpha",
    "lora_dropout",
    "lora_target_modules",
    "lora_modules_to_save",
    "use_rslora",
    "use_dora",
)
"""Keys that TRL ignores in silence while `use_peft` is false."""


def named(values: Mapping[str, Any]) -> str | None:
    if values["model_name_or_path"]:
        return None
    return (
        "model_name_or_path is missing. Write a folder (policy/seedling, runs/NAME/checkpoints/...) "
        "or a name on the hub (Qwen/Qwen3-0.6B)."
    )


def lora_is_on(values: Mapping[str, Any], given: set[str]) -> str | None:
    """`given` are the keys that somebody set: a LoRA key without LoRA would be ignored."""
    idle = [key for key in LORA_KEYS if key in given and values[key]]
    if values["use_peft"] or not idle:
        return None
    return f"{', '.join(idle)} would be ignored, because use_peft is false. Write use_peft: true, or leave them out."


def quantised(values: Mapping[str, Any]) -> str | None:
    four, eight = values["load_in_4bit"], values["load_in_8bit"]
    if four and eight:
        return "load_in_4bit and load_in_8bit are both true. Keep one of them."
    if (four or eight) and not values["use_peft"]:
        key = "load_in_4bit" if four else "load_in_8bit"
        return f"{key} is true and use_peft is false, but quantised weights cannot be trained. Write use_peft: true."
    return None


def head_is_plain(values: Mapping[str, Any]) -> str | None:
    """TRL multiplies by `lm_head.weight` itself, so an adapter there is never trained (trl 1.16, GRPO and SFT)."""
    targets = values["lora_target_modules"]
    if values["use_peft"] and "lm_head" in ([targets] if isinstance(targets, str) else targets or []):
        return (
            "lora_target_modules names lm_head, and TRL multiplies by lm_head.weight itself, so that adapter would "
            "never be trained. Leave lm_head out; all-linear leaves it out by itself."
        )
    return None


def ranges(values: Mapping[str, Any]) -> str | None:
    """Numbers that have a range whatever the trainer."""
    if not 0 < values["learning_rate"] <= 1:
        return f"learning_rate is {values['learning_rate']:g}; it must be above 0 and at most 1, and 1e-6 is usual."
    if not 0 <= values["lora_dropout"] < 1:
        return f"lora_dropout is {values['lora_dropout']:g}; it must be at least 0 and below 1."
    for key in ("lora_r", "per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps"):
        if values[key] < 1:
            return f"{key} is {values[key]}; it must be at least 1."
    if not 0 <= values["seed"] < 2**32:
        return f"seed is {values['seed']}; it must be at least 0 and below 2**32, which is all that NumPy takes."
    for key in ("logging_steps", "save_steps"):
        if values[key] <= 0:
            return f"{key} is {values[key]:g}; it must be above 0."
    if values["max_steps"] == 0 or (values["max_steps"] < 0 and values["num_train_epochs"] <= 0):
        steps, epochs = values["max_steps"], values["num_train_epochs"]
        return (
            f"max_steps is {steps} and num_train_epochs is {epochs:g}, so nothing would be trained. "
            "Write a positive max_steps, or leave it out and write a positive num_train_epochs."
        )
    return None
