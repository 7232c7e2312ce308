"""Which accelerator there is, found without torch, and the keys that follow from it."""

import os
import shlex
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from policy.accelerator import apple, look, needed
from policy.config import Resolved, Source

SIGNS = ("/dev/nvidia0", "/dev/nvidiactl", "/proc/driver/nvidia/gpus", "/dev/dxg", "/dev/kfd")
"""Device files of NVIDIA's driver, of Windows' GPU in a Linux guest, of AMD's driver. Apple's GPU has none."""


def why_no_accelerator(signs: tuple[str, ...] = SIGNS) -> str:
    """The reason why nothing here can train on a GPU, "" when something can. Takes no time: torch stays unimported."""
    if apple():
        return ""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return f"no accelerator: CUDA_VISIBLE_DEVICES={hidden!r} hides every GPU"
    if not any(Path(sign).exists() for sign in signs):
        return f"no accelerator: this machine has no {signs[0] if signs else 'device file'}"
    try:
        build = version("torch")
    except PackageNotFoundError:
        return "no accelerator: torch is not installed"
    return f"no accelerator: torch {build} is the build without CUDA" if build.endswith("+cpu") else ""


def visible_gpus(devices: Path = Path("/dev")) -> int:
    """How many of NVIDIA's GPUs a process here sees."""
    there = sum(file.name.removeprefix("nvidia").isdigit() for file in devices.glob("nvidia*"))
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    return there if shown is None else min(there, sum(name.strip() not in ("", "-1") for name in shown.split(",")))


def how_to_launch(module: str, argv: Sequence[str], devices: Path = Path("/dev")) -> str:
    """What to type where one process would leave GPUs idle (and transformers would refuse them), "" where a launcher
    started it or there is but one."""
    gpus = visible_gpus(devices)
    if "WORLD_SIZE" in os.environ or gpus < 2:
        return ""
    command = f"-m {module} {shlex.join(argv)}"
    return (
        f"{gpus} GPUs are visible, and one process uses one of them. Start a process for each:\n"
        f"  accelerate launch --config_file configs/accelerate/ddp.yaml --num_processes {gpus} {command}\n"
        f"or keep to one:\n  CUDA_VISIBLE_DEVICES=0 python {command}"
    )


def cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether bfloat16 is faster here than float32, as far as the system tells."""
    try:
        return not {"avx512_bf16", "amx_bf16"}.isdisjoint(cpuinfo.read_text(encoding="ascii", errors="ignore").split())
    except OSError:
        return False


def updates(resolved: Resolved[Any], signs: tuple[str, ...] = SIGNS) -> dict[str, tuple[Any, str]]:
    """Key -> (value, reason) for each key that the device decides."""
    wanted: dict[str, tuple[Any, str]] = {
        "logging_nan_inf_filter": (False, "a loss that is not a number must show in the log")
    }
    reason = "use_cpu: true" if resolved["use_cpu"] else why_no_accelerator(signs)
    if not reason:
        return wanted | needed(look(), resolved.values())
    half = (False, f"{reason}; TRL would otherwise turn it on and refuse the machine")
    if resolved["bf16"] and cpu_has_bfloat16():
        half = (True, "this CPU multiplies bfloat16 in hardware, so autocast trains two to three times faster")
    if resolved["optim"].startswith("paged_") or resolved["optim"].endswith(("_8bit", "_bnb")):
        wanted["optim"] = ("adamw_torch", f"{reason}, and {resolved['optim']} keeps its state on a GPU")
    for key in ("packing", "padding_free", "eval_packing"):
        if key in resolved.fields and resolved[key]:
            wanted[key] = (False, f"{reason}, and no attention here keeps packed samples apart")
    if (resolved["attn_implementation"] or "").startswith(("flash_attention", "kernels-community/")):
        wanted["attn_implementation"] = (None, f"{reason}, and {resolved['attn_implementation']} is made for GPUs")
    return wanted | {
        "use_cpu": (True, reason),
        "bf16": half,
        "fp16": (False, reason),
        "gradient_checkpointing": (False, f"{reason}, so it would cost time and save no scarce memory"),
        "tf32": (None, reason),
    }


def apply(resolved: Resolved[Any], signs: tuple[str, ...] = SIGNS) -> Resolved[Any]:
    """The config as this machine can run it. What was typed on the command line stays as it was typed."""
    for key, (value, reason) in updates(resolved, signs).items():
        forced = key == "logging_nan_inf_filter"
        if key in resolved and (forced or resolved.source(key) is not Source.COMMAND_LINE):
            resolved = resolved.replace({key: value}, Source.DEVICE, reason)
    return resolved
