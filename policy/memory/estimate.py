"""The most memory that a training is expected to hold at once, in its parts, and in words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy.memory.plan import Plan

MIB, GIB = 1 << 20, 1 << 30

CUDA_CONTEXT = 0.5 * GIB
"""What CUDA and its libraries hold before any tensor. An assumption: it differs by card and driver, and was measured on
none."""

HELD = {"cpu": 1.9, "cuda": 1.1, "mps": 1.1}
"""What an allocator comes to hold for each byte that a step has in use. On a CPU glibc keeps what is freed
(`policy/kept_pages.py`) in pieces that do not all serve the next step: 1.7 to 2.5 in whole runs whose rows are padded
to a multiple, and without that more with every new length of a batch (docs/hardware.md). On a GPU an assumption."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes. `base` is what the process holds before any tensor, `step` what one forward and backward pass adds, with
    its gradients, `answering` what writing answers adds. Where rows are not `padded` to a multiple, a CPU holds more
    with every new length of them (docs/hardware.md)."""

    base: float
    weights: float
    reference: float
    optimizer: float
    gradients: float
    step: float
    answering: float
    trained: int
    all: int
    on: str
    padded: bool = True

    @property
    def training(self) -> float:
        """The highest point of a training step: within the backward pass, or when the optimizer steps."""
        return self._held + self.optimizer + max(self.step, self.gradients) * HELD[self.on]

    @property
    def generating(self) -> float:
        """The highest point of answering questions, or of sampling completions."""
        return self._held + self.optimizer + self.answering * HELD[self.on]

    @property
    def peak(self) -> float:
        return max(self.training, self.generating)

    @property
    def _held(self) -> float:
        return self.base + self.weights + self.reference

    def in_words(self) -> str:
        where = {"cpu": "memory of the process", "cuda": "memory of the GPU", "mps": "memory shared with the GPU"}
        reference = f", reference model {size(self.reference)}" if self.reference else ""
        return (
            f"{self.trained:,} of {self.all:,} parameters are trained ({self.trained / self.all:.2%})\n"
            f"predicted peak: {size(self.peak)} {where[self.on]} = {size(self.base)} before any tensor, weights "
            f"{size(self.weights)}{reference}, optimizer {size(self.optimizer)}, and at most {size(self.step)} in a "
            f"step (gradients {size(self.gradients)}, the rest activations) or {size(self.answering)} in answering; "
            f"of the larger {HELD[self.on]:g} times as much is held"
            + ("" if self.padded or self.on != "cpu" else ", and more in a long run: pad_to_multiple_of 32 prevents it")
        )


def estimate(config: Any, plan: Plan, peft_config: Any = None, base: float | None = None) -> Estimate:
    """`config` is the model's, as transformers reads it. `base` is in bytes; None takes what this process holds now on
    a CPU, which is honest once it has imported what trains, and `CUDA_CONTEXT` on a GPU."""
    from policy.memory.rehearsal import rehearse

    found = rehearse(config, plan, peft_config)
    if base is None:
        base = float(resident()) if plan.on == "cpu" else CUDA_CONTEXT
    return Estimate(
        base=base,
        weights=found.weights,
        reference=found.weights if plan.reference else 0.0,
        optimizer=plan.state(found.trained, found.gradients),
        gradients=found.gradients * (1 + plan.copies),
        step=found.step + found.gradients * plan.copies,
        answering=found.answering,
        trained=found.trained,
        all=found.all,
        on=plan.on,
        padded=isinstance(plan.values["pad_to_multiple_of"], int),
    )


def resident(status: Path = Path("/proc/self/status")) -> int:
    """Bytes that this process holds now; at most so far, where the system does not tell (not Linux)."""
    try:
        return int(status.read_text(encoding="ascii").partition("VmRSS:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        from policy.measures import peak_memory

        return int(peak_memory()["peak_rss_mib"] * MIB)


def size(count: float) -> str:
    """Bytes as people read them."""
    return f"{count / GIB:.2f} GiB" if count >= GIB else f"{count / MIB:,.1f} MiB"
