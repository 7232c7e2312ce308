"""The arithmetic of a GRPO batch: how many completions, prompts and steps a config asks for (trl 1.16, GRPOConfig)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, lcm
from typing import Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Counts over all processes together. A generation is one call of the policy; it feeds `steps_per_generation`
    forward passes, `num_iterations` times over."""

    per_device: int
    processes: int
    accumulation: int
    steps_per_generation: int
    num_iterations: int
    num_generations: int

    @property
    def completions(self) -> int:
        """Completions of one generation, TRL's generation_batch_size."""
        return self.per_device * self.processes * self.steps_per_generation

    @property
    def prompts(self) -> int:
        """Different prompts of one generation."""
        return self.completions // self.num_generations

    @property
    def completions_per_step(self) -> int:
        """Completions that one optimizer step learns from."""
        return self.per_device * self.processes * self.accumulation

    @property
    def cycle(self) -> int:
        """Forward passes before the policy generates anew."""
        return self.steps_per_generation * self.num_iterations

    @property
    def steps_between_saves(self) -> int:
        """Optimizer steps after which no generation is left half used, and a checkpoint can be resumed exactly."""
        return lcm(self.cycle, self.accumulation) // self.accumulation

    def steps(self, examples: int, epochs: float = 1.0, max_steps: int = -1) -> int:
        """Optimizer steps of a run. The examples that do not fill a last generation are dropped, every epoch."""
        per_epoch = max(1, ceil(examples // self.prompts * self.cycle / self.accumulation))
        return max_steps if max_steps > 0 else ceil(per_epoch * epochs) if examples >= self.prompts else 0

    def in_words(self) -> str:
        how = f"{self.per_device} a device x {self.processes} process{'es' if self.processes > 1 else ''}"
        return f"{how} x {self.steps_per_generation} steps a generation = {self.completions} completions"


def batch_of(values: Mapping[str, Any], processes: int | None = None) -> Batch:
    """The batch of a config; `processes` defaults to what the launcher says (WORLD_SIZE), or 1."""
    processes = processes or int(os.environ.get("WORLD_SIZE", "1"))
    per_device, accumulation = values["per_device_train_batch_size"], values["gradient_accumulation_steps"]
    steps = values["steps_per_generation"] or accumulation
    if values["generation_batch_size"] is not None:
        steps = max(1, values["generation_batch_size"] // (per_device * processes))
    return Batch(per_device, processes, accumulation, steps, values["num_iterations"], values["num_generations"])
