"""What `use_vllm` cannot be combined with, and what it needs installed, as sentences."""

from collections.abc import Mapping
from typing import Any

from policy.samplers.vllm_package import RANKS, installed, why_not
from rl.batch import batch_of
from rl.turn_checks import VIRTUAL_TOKENS

Values = Mapping[str, Any]


def vllm_has_such_a_policy(values: Values, adapter: str) -> str | None:
    """What vLLM, or the way weights reach it (`rl/vllm_generation.py`), cannot do, or None. `adapter` is PEFT's name of
    the adapter that training starts from, "" where there is none.

    An adapter goes over by path and its base is never merged into, so that a half-precision base does not drift
    (trl#6688) and is no reason to refuse.
    """
    limit = values.get("sampler_gap_limit")
    if limit is not None and not limit > 0:
        return f"sampler_gap_limit is {limit:g}; it must be above 0 nats, or null."
    if not values["use_vllm"]:
        return None
    told = _not_served(values, adapter)
    if told or not values["use_peft"]:
        return told and f"{told} Write use_vllm: false."
    if values["vllm_enable_sleep_mode"]:
        return "vllm_enable_sleep_mode throws away the base that an adapter is served on. Leave it out."
    if values["vllm_mode"] == "colocate" and values["vllm_tensor_parallel_size"] > 1:
        return (
            f"vllm_tensor_parallel_size is {values['vllm_tensor_parallel_size']} with use_peft in the trainer's own "
            "process, which was never tried. Write vllm_mode: server."
        )
    return None


def _not_served(values: Values, adapter: str) -> str | None:
    if adapter in VIRTUAL_TOKENS:
        return f"{values['model_name_or_path']} is a {adapter} adapter, which vLLM does not serve."
    for key in ("load_in_4bit", "load_in_8bit"):
        if values[key]:
            return (
                f"{key} and use_vllm: vLLM would serve the base in full precision, or quantise it in another way than "
                "the trainer, and so sample from another policy than is trained."
            )
    if not values["use_peft"]:
        return None
    if values["lora_r"] > RANKS[-1]:
        return f"lora_r is {values['lora_r']}, and vLLM serves adapters up to rank {RANKS[-1]}."
    for key in ("use_dora", "lora_modules_to_save"):
        if values[key]:
            return f"{key} is {values[key]}, and vLLM serves plain LoRA alone."
    return None


def vllm_is_here(values: Values) -> str | None:
    """Call it with what will run, stand-in and device applied: only then is it known whether vLLM is wanted."""
    if not values["use_vllm"]:
        return None
    if values["vllm_mode"] == "server":
        by_trl = not (values["use_peft"] or values["use_cpu"])  # whose client looks for vLLM where it runs
        return why_not(False, installed()) if by_trl else None
    if values["use_cpu"] and batch_of(values).processes > 1:
        return (
            "use_vllm in the trainer's own processes on a CPU works with one process: vLLM's CPU engine sets up "
            "torch.distributed for itself. Write vllm_mode: server, or start one process."
        )
    if values["use_cpu"] and values["vllm_enable_sleep_mode"]:
        return "vllm_enable_sleep_mode is for GPUs. Leave it out."
    return why_not(values["use_cpu"], installed())
