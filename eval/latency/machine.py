"""What a measurement ran on, in words that can be compared, and how large the policy is."""

import os
import platform
from pathlib import Path
from typing import Any

from policy.machine import describe_machine
from policy.named_policy import Named


def described() -> dict[str, Any]:
    """Of this machine: `hardware` in one line, threads of torch, and the rest as in a run's `environment.json`."""
    found = describe_machine()
    accelerators = [str(one) for one in found["accelerators"]]
    names = sorted(set(accelerators))
    here = " + ".join(f"{accelerators.count(one)} x {one}" for one in names) or processors()
    return {"hardware": here, "threads": found["torch_threads"], **found}


def processors() -> str:
    """ "AMD EPYC, 2 cores"."""
    name = platform.processor() or platform.machine()
    told = Path("/proc/cpuinfo")
    for line in told.read_text(encoding="utf-8", errors="replace").splitlines() if told.is_file() else ():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip() or name
            break
    return f"{name}, {os.cpu_count()} cores"


def parameters_of(policy: Named) -> int:
    """Of base and adapter, each weight once; a weight of four bits counts as one."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        base = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(policy.base))
    count = sum(weight.numel() for weight in base.parameters())
    if policy.adapter is not None:
        from peft.utils.save_and_load import load_peft_weights

        count += sum(weight.numel() for weight in load_peft_weights(policy.model, device="cpu").values())
    return count
