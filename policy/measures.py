"""What a training cost: trainable parameters, peak memory and samples a second, measured, not estimated."""

import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.kept_pages import give_back

MIB = 1 << 20


def parameters(model: nn.Module) -> dict[str, int]:
    """How many numbers are trained and how many there are. A weight of four bits counts as one number."""
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = 0
    for weight in model.parameters():
        packed = getattr(weight, "quant_state", None)  # bitsandbytes holds two weights of four bits in a byte
        total += packed.shape.numel() if packed is not None else weight.numel()
    return {"trainable_parameters": trained, "parameters": total}


class Measures(TrainerCallback):
    """Watches a training. `found(...)` afterwards: time and memory of its steps alone, evaluations left out."""

    def __init__(self) -> None:
        self._inside, self._begun, self._steps = 0.0, 0.0, 0
        self._epoch_before: float | None = None
        self._peak: dict[str, float] = {}
        self._other_work = True

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._epoch_before = float(state.epoch or 0.0)

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._other_work:
            forget_peak()
        self._other_work = False
        self._begun = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()  # what was only asked of the GPU belongs to this step
        self._inside += time.monotonic() - self._begun
        self._steps += 1
        self._peak = {name: max(found, self._peak.get(name, 0.0)) for name, found in peak_memory().items()}

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._other_work = True

    def found(
        self, model: nn.Module, state: TrainerState, examples: int | None = None, tokens: int | None = None
    ) -> dict[str, Any]:
        """Of this process's part of the run. `examples` and `tokens` are those of one epoch, None where an epoch is no
        measure of the work."""
        epochs = float(state.epoch or 0.0) - (self._epoch_before or 0.0)
        seconds = self._inside or float("nan")
        return parameters(model) | {
            "training_seconds": round(self._inside, 3),
            "steps_measured": self._steps,
            "samples_per_second": round(epochs * examples / seconds, 3) if self._inside and examples else None,
            "tokens_per_second": round(epochs * tokens / seconds, 1) if self._inside and tokens else None,
            **(self._peak or peak_memory()),
        }


def forget_peak() -> None:
    """From now on the peak is counted anew, where the system can do that."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    give_back()
    with suppress(OSError):  # not Linux, or not allowed: the peak is then that of the whole process
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory() -> dict[str, float]:
    """MiB at most since `forget_peak`: allocated on the GPU where there is one, and resident in this process."""
    found = {"peak_rss_mib": round(_peak_rss() / MIB, 1)}
    if torch.cuda.is_available():
        found["peak_vram_mib"] = round(torch.cuda.max_memory_allocated() / MIB, 1)
        found["peak_vram_reserved_mib"] = round(torch.cuda.max_memory_reserved() / MIB, 1)
    return found


def _peak_rss() -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
