"""A training that ran out of memory ends with a sentence: which key to change, to what, and how it goes on."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policy.config import Resolved
from policy.config_error import ConfigError
from policy.memory.free_keys import samples
from policy.run_folder import RunFolder

CACHE = "No available memory for the cache blocks"
"""vLLM's, of which its share is too small: the others say that something is too large."""

SAID = (
    "DefaultCPUAllocator: can't allocate memory",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "MPS backend out of memory",
    "HIP out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "could not create a memory object",
    "std::bad_alloc",
    CACHE,
    "less than desired GPU memory utilization",
)
"""Words of torch (2.13), oneDNN, the C++ library and vLLM where an allocation failed: most raise a RuntimeError."""

LOADING = ("from_pretrained", "_from_pretrained", "policy_to_train", "load_policy")
ANSWERING = ("continuations", "examine")
SAMPLING = ("_generate", "_generate_single_turn", "generate")
EVALUATING = ("evaluation_loop", "prediction_step")
"""Functions in whose time the memory ended -> what was being done."""

Values = Mapping[str, Any]


@contextmanager
def told_how_to_need_less(resolved: Resolved[Any]) -> Iterator[None]:
    """Around a run. Raises ConfigError in place of an error that says that memory is exhausted."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        if not is_exhausted(error):
            raise
        names = {frame.name for frame in traceback.extract_tb(error.__traceback__)}
        raise ConfigError(advice(resolved.values(), names, Path(resolved["output_dir"]), first_line(error))) from error


def is_exhausted(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or any(said in str(error) for said in SAID)
    )


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def advice(values: Values, names: set[str], output: Path, said: str) -> str:
    """`names` are those of the functions that were running."""
    doing, fixes = _while(values, names, said)
    begun = any((output / "checkpoints").glob("checkpoint-*")) if output.is_dir() else False
    how = "--resume goes on from the last checkpoint with it" if begun else "start it again with it"
    if RunFolder(output).begun() and not begun:
        how = "--resume starts it again with it: it has no checkpoint yet"
    free, others = ([text for text, may in fixes if may is wanted] for wanted in (True, False))
    told = [f"{'; or '.join(free)}: {how}"] if free else []
    told += [f"{'; or '.join(others)}: start it again with it in a new folder (--output_dir)"] if others else []
    return f"the memory ended while {doing} ({said}). {'; or '.join(told)}"


def _while(values: Values, names: set[str], said: str) -> tuple[str, list[tuple[str, bool]]]:
    """What was being done, and what to try: each with whether a resumed run may change it (`free_keys.py`)."""
    smaller = [*_smaller_weights(values), ("take a smaller model_name_or_path", False)]
    if names.intersection(LOADING):
        return "the model was loaded", smaller
    for functions, key, doing in (
        (ANSWERING, "answer_batch_size", "questions were answered"),
        (EVALUATING, "per_device_eval_batch_size", "the loss was evaluated"),
    ):
        if names.intersection(functions):
            return doing, [(_halved(key, values), True)] if values[key] > 1 else smaller
    fixes: list[tuple[str, bool]] = []
    rows, passes = values["per_device_train_batch_size"], values["gradient_accumulation_steps"]
    doing = "completions were sampled" if names.intersection(SAMPLING) else "a step was trained"
    if values.get("use_vllm") and values.get("vllm_mode") == "colocate":
        share = values["vllm_gpu_memory_utilization"]
        other = min(0.95, share * 1.4) if CACHE in said else share * 0.7
        fixes.append((f"vllm_gpu_memory_utilization is {share:g}: try {other:.2g}", False))
        if CACHE in said:
            return "vLLM was started", fixes
    if rows > 1:
        less = next(count for count in range(rows // 2, 0, -1) if rows % count == 0)
        steps = values.get("steps_per_generation")
        sampled = f" and steps_per_generation {steps * rows // less}" if steps else ""
        fixes.append(
            (
                f"per_device_train_batch_size is {rows}: try {less} with gradient_accumulation_steps "
                f"{passes * rows // less}{sampled}, which learns the same from a step",
                not samples(values),
            )
        )
    if not values["gradient_checkpointing"]:
        fixes.append(("gradient_checkpointing is false: try true", True))
    if not fixes and values.get("max_length"):
        fixes.append((f"max_length is {values['max_length']}: try {values['max_length'] // 2}", False))
    return doing, fixes or smaller


def _smaller_weights(values: Values) -> list[tuple[str, bool]]:
    if values["use_peft"] and not (values["load_in_4bit"] or values["load_in_8bit"]):
        named = "" if values["dtype"] in ("bfloat16", "float16") else " with dtype bfloat16"
        return [(f"load_in_4bit is false: try true{named}", False)]
    if not values["use_peft"] and not values.get("prompt_tuning"):
        return [("use_peft is false: try true with lora_target_modules all-linear", False)]
    return []


def _halved(key: str, values: Values) -> str:
    return f"{key} is {values[key]}: try {values[key] // 2}"
