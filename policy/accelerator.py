"""What this machine can compute in, found without torch, and the keys that follow: pure functions of what was found.

Of GPUs none was at hand when this was written: what is chosen for them follows their makers' and torch's documents, and
is tested on what a machine would report and not on one.
"""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

PACKAGES = ("flash_attn", "flash_attn_interface", "liger_kernel", "bitsandbytes", "vllm", "kernels")
"""By the names they are imported by; `flash_attn_interface` is FlashAttention 3."""

BF16_MACOS = (14, 0)
"""From which macOS on Metal computes in bfloat16 (torch 2.13 refuses it before)."""

Choice = dict[str, tuple[Any, str]]
"""Key -> value and reason."""


@dataclass(frozen=True, slots=True)
class Accelerator:
    """`kind` is "cuda", "mps" or "none"; `capability` that of NVIDIA's GPU, None where it is not told; `macos` the
    version of the system on an Apple machine; `packages` those of `PACKAGES` that are installed."""

    kind: str
    capability: tuple[int, int] | None = None
    macos: tuple[int, int] | None = None
    packages: frozenset[str] = frozenset()

    def bfloat16(self) -> bool:
        """Whether it multiplies bfloat16 in hardware: NVIDIA from Ampere (8.0) on, Apple from macOS 14 on."""
        if self.kind == "mps":
            return self.macos is not None and self.macos >= BF16_MACOS
        return self.kind == "cuda" and (self.capability is None or self.capability >= (8, 0))


def apple(system: str = sys.platform, machine: str | None = None) -> bool:
    """Whether this is a Mac with Apple's own GPU, which torch calls mps."""
    return system == "darwin" and (machine or platform.machine()) == "arm64"


def look(no_gpu: str = "") -> Accelerator:
    """What is here. `no_gpu` is why nothing can train on NVIDIA's GPU, "" where something can."""
    packages = frozenset(name for name in PACKAGES if find_spec(name))
    if apple():
        major, _, minor = platform.mac_ver()[0].partition(".")
        return Accelerator("mps", macos=(int(major or 0), int(minor.split(".")[0] or 0)), packages=packages)
    return Accelerator("none" if no_gpu else "cuda", None if no_gpu else capability(), packages=packages)


def capability(asked: str | None = None) -> tuple[int, int] | None:
    """Of the weakest GPU that is visible, as `nvidia-smi` tells it; None where it does not."""
    if asked is None:
        command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
        if shown := os.environ.get("CUDA_VISIBLE_DEVICES"):
            command.append(f"--id={shown}")
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout
        except (OSError, subprocess.TimeoutExpired):
            return None
    found = [line.strip().partition(".") for line in asked.splitlines() if line.strip()]
    numbers = [(int(major), int(minor)) for major, _, minor in found if major.isdigit() and minor.isdigit()]
    return min(numbers, default=None)


def attention(here: Accelerator) -> tuple[str, str]:
    """The fastest attention that is exact and installed, and why."""
    if here.kind != "cuda" or here.capability is None:
        return "sdpa", "torch's own attention, which runs everywhere"
    named = "{}.{}".format(*here.capability)
    if here.capability[0] == 9 and "flash_attn_interface" in here.packages:
        return "flash_attention_3", f"capability {named} is Hopper, and FlashAttention 3 is installed"
    if here.capability >= (8, 0) and "flash_attn" in here.packages:
        return "flash_attention_2", f"capability {named} is 8.0 or more, and flash-attn is installed"
    why = "flash-attn needs 8.0 or more" if here.capability < (8, 0) else "flash-attn is not installed"
    return "sdpa", f"capability {named}; {why}"


def suggestions(here: Accelerator) -> Choice:
    """What to write into a config here, and why."""
    kind, why = attention(here)
    half = "multiplied in hardware" if here.bfloat16() else "not multiplied in hardware"
    found: Choice = {"bf16": (here.bfloat16(), half), "attn_implementation": (kind, why)}
    flash = kind.startswith("flash")
    found["packing"] = (
        flash,
        "samples are kept apart" if flash else f"{kind} looks from one packed sample into another",
    )
    if here.kind == "cuda":
        old = here.capability is not None and here.capability < (8, 0)
        found["fp16"] = (old, "tensor cores before 8.0 know no bfloat16" if old else "bfloat16 needs no scaled loss")
        found["tf32"] = (None if old else True, "tensor cores of 8.0 and later multiply float32 so")
        liger = "liger_kernel" in here.packages
        found["use_liger_kernel"] = (liger, "installed" if liger else "liger-kernel is not installed")
    return found


def needed(here: Accelerator, values: dict[str, Any]) -> Choice:
    """Keys that must change because this accelerator would refuse them, of those that `values` has."""
    found: Choice = {}
    if here.kind == "cuda" and not here.bfloat16():
        why = "capability {}.{} has no bfloat16, which came with 8.0".format(*(here.capability or (0, 0)))
        found = {"bf16": (False, why), "fp16": (True, why), "tf32": (None, why)}
        if (values.get("attn_implementation") or "").startswith("flash_attention"):
            found["attn_implementation"] = (None, f"{why}, and so did flash attention")
    if here.kind == "mps":
        why = "Apple's GPU (mps)"
        found = {"fp16": (False, f"{why}: no loss is scaled for it"), "tf32": (None, why)}
        found["dataloader_pin_memory"] = (False, f"{why} shares the memory: there is nothing to pin")
        found["bf16"] = (here.bfloat16(), f"{why}: bfloat16 from macOS 14 on")
        if (values.get("attn_implementation") or "").startswith(("flash_attention", "kernels-community/")):
            found["attn_implementation"] = (None, f"{why} has no flash attention")
        if values.get("optim", "").startswith("paged_") or values.get("optim", "").endswith(("_8bit", "_bnb")):
            found["optim"] = ("adamw_torch", f"{why}: bitsandbytes' optimizers are for CUDA")
        for key in ("load_in_4bit", "load_in_8bit", "use_bnb_nested_quant"):
            if values.get(key):
                found[key] = (False, f"{why}: bitsandbytes does not train there, so the base stays whole")
        for key in ("packing", "padding_free", "eval_packing"):
            if values.get(key):
                found[key] = (False, f"{why}, and no attention here keeps packed samples apart")
    unsaid = {key for key in found if key not in values}
    return {key: choice for key, choice in found.items() if key not in unsaid}
