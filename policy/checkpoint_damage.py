"""What a checkpoint lacks although its last file is there.

A machine that lost its power, or a full network disk, leaves files that are empty or cut; and a training resumed
without its optimizer or its random numbers is silently another.

Imports no torch: it reads names, sizes and the two formats' own frames.
"""

import json
import zipfile
from pathlib import Path

NEEDED = {
    "its weights": ("*.safetensors", "pytorch_model*", "adapter_model*", "global_step*"),
    "its optimizer": ("optimizer*", "global_step*"),
    "its random numbers": ("rng_state*.pth",),
}
"""Patterns of which one at least is there (transformers 5.17; accelerate's FSDP and DeepSpeed keep folders)."""


def damage(checkpoint: Path) -> str:
    """What is missing or torn, in words; "" where nothing is."""
    for what, patterns in NEEDED.items():
        if not any(any(checkpoint.glob(pattern)) for pattern in patterns):
            return f"{what} are missing" if what.endswith("s") else f"{what} is missing"
    torn = (file.name for file in sorted(checkpoint.iterdir()) if file.is_file() and _torn(file))
    return next((f"{name} is torn" for name in torn), "")


def _torn(file: Path) -> bool:
    if file.suffix == ".safetensors":
        return file.stat().st_size != _told_size(file)
    return file.suffix in (".pt", ".pth", ".bin") and not zipfile.is_zipfile(file)


def _told_size(file: Path) -> int:
    """Bytes that the header of safetensors promises: its length in eight bytes, itself, and where the last tensor ends.
    -1 where it cannot be read."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > file.stat().st_size:
            return -1
        try:
            header = json.loads(opened.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return -1
    return 8 + length + max(ends, default=0)
