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

SAID = (
    "DefaultCPUAllocator: can't allocate memory",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "MPS backend out of memory",
    "HIP out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "could not create a memory object",
    "std::bad_alloc",
    "No available memory for the cache blocks",
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
    doing, fixes = _while(values, names)
    begun = any((output / "checkpoints").glob("checkpoint-*")) if output.is_dir() else False
    on = "" if fixes and fixes[0][1] else " in a new folder (--output_dir)"
    how = "--resume goes on from the last checkpoint with it" if begun and not on else f"start it again with it{on}"
    if RunFolder(output).begun() and not (begun or on):
        how = "--resume starts it again with it: it has no checkpoint yet"
    return f"the memory ended while {doing} ({said}). {'; or '.join(text for text, _ in fixes)}: {how}"


def _while(values: Values, names: set[str]) -> tuple[str, list[tuple[str, bool]]]:
    """What was being done, and what to try: each with whether a resumed run may change it (`free_keys.py`)."""
    if names.intersection(LOADING):
        return "the model was loaded", [*_smaller_weights(values), ("take a smaller model_name_or_path", False)]
    if names.intersection(ANSWERING) and values["answer_batch_size"] > 1:
        return "questions were answered", [(_halved("answer_batch_size", values), True)]
    if names.intersection(EVALUATING) and values["per_device_eval_batch_size"] > 1:
        return "the loss was evaluated", [(_halved("per_device_eval_batch_size", values), True)]
    fixes: list[tuple[str, bool]] = []
    rows, passes = values["per_device_train_batch_size"], values["gradient_accumulation_steps"]
    doing = "completions were sampled" if names.intersection(SAMPLING) else "a step was trained"
    if values.get("use_vllm") and values.get("vllm_mode") == "colocate":
        share = values["vllm_gpu_memory_utilization"]
        fixes.append((f"vllm_gpu_memory_utilization is {share:g}: try {share * 0.7:.2g}", False))
    if rows > 1:
        less = next(count for count in range(rows // 2, 0, -1) if rows % count == 0)
        fixes.append(
            (
                f"per_device_train_batch_size is {rows}: try {less} with gradient_accumulation_steps "
                f"{passes * rows // less}, which learns the same from a step",
                not samples(values),
            )
        )
    if not values["gradient_checkpointing"]:
        fixes.append(("gradient_checkpointing is false: try true", True))
    if not fixes and values.get("max_length"):
        fixes.append((f"max_length is {values['max_length']}: try {values['max_length'] // 2}", False))
    return doing, fixes or _smaller_weights(values) or [("take a smaller model_name_or_path", False)]


def _smaller_weights(values: Values) -> list[tuple[str, bool]]:
    if values["use_peft"] and not (values["load_in_4bit"] or values["load_in_8bit"]):
        return [("load_in_4bit is false: try true", False)]
    if not values["use_peft"]:
        return [("use_peft is false: try true with lora_target_modules all-linear", False)]
    return []


def _halved(key: str, values: Values) -> str:
    return f"{key} is {values[key]}: try {values[key] // 2}"
