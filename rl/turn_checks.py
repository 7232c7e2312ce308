"""What `max_turns` above 1 cannot be combined with, as sentences."""

import os
from collections.abc import Mapping
from typing import Any

from rl.batch import batch_of

VIRTUAL_TOKENS = ("PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING")


def turns_can_be_taken(values: Mapping[str, Any], adapter: str) -> str | None:
    """What is wrong, or None. `adapter` is PEFT's name of the adapter that training starts from, "" where there is
    none."""
    turns, reading, budget = values["max_turns"], values["observation_tokens"], values["max_completion_length"]
    if turns < 1:
        return f"max_turns is {turns}; it must be at least 1, where the first answer counts."
    if reading is not None and reading < 1:
        return f"observation_tokens is {reading}; it must be at least 1, or null."
    if turns == 1:
        return None
    if reading is not None and reading >= budget:
        return (
            f"observation_tokens is {reading} and max_completion_length {budget} is the budget of all {turns} turns, "
            "what is read included, so nothing could be written after reading. Raise max_completion_length, or lower "
            "observation_tokens."
        )
    if "loss_type" not in values:
        return f"max_turns is {turns}, and TRL's trainer takes turns only under GRPO. Use rl.grpo, or max_turns: 1."
    if values["use_vllm"] and (told := _asked_together(values)):
        return (
            f"max_turns is {turns} with {told}: vLLM is then asked by all processes together, and they take different "
            "turns. Start one process, or write vllm_mode: colocate with vllm_tensor_parallel_size: 1."
        )
    if values["use_transformers_continuous_batching"]:
        return (
            f"max_turns is {turns} with use_transformers_continuous_batching, which gives completions back in any "
            "order. Write use_transformers_continuous_batching: false."
        )
    if adapter in VIRTUAL_TOKENS:
        return (
            f"max_turns is {turns} and the policy is a {adapter} adapter, whose virtual tokens stand before the "
            "padding: a later turn would be sampled from another policy than is trained. Write max_turns: 1, or start "
            "from LoRA or a whole model."
        )
    return _sharded(values, turns)


def _asked_together(values: Mapping[str, Any]) -> str:
    if values["vllm_mode"] == "server" and batch_of(values).processes > 1:
        return f"vllm_mode server and {batch_of(values).processes} processes"
    tensor_parallel = values["vllm_tensor_parallel_size"]
    return f"vllm_tensor_parallel_size {tensor_parallel}" if tensor_parallel > 1 else ""


def _sharded(values: Mapping[str, Any], turns: int) -> str | None:
    """With sharded weights every process must generate as often as the others, and they take different turns."""
    stage = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "")
    found = {
        "FSDP": bool(values["fsdp"]) or os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true",
        "DeepSpeed": bool(values["deepspeed"])
        or (os.environ.get("ACCELERATE_USE_DEEPSPEED", "").lower() == "true" and stage not in ("0", "1", "2")),
    }
    for name, used in found.items():
        if used:
            return (
                f"max_turns is {turns} with {name}, where one process would wait for ever for another that takes fewer "
                "turns. Launch with DDP (or DeepSpeed ZeRO 2), or write max_turns: 1."
            )
    return None
