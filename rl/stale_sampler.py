"""Stops a run whose sampler no longer has the trainer's weights. Reward, loss and completions look normal then.

TRL logs at every generation how far its own log-probabilities of the sampled tokens lie from those the sampler reported
(`sampling/sampling_logp_difference`, trl 1.16). In float32 on a CPU a sampler in step stays below 1e-5 and one whose
head is a few steps old reaches 0.05 and more (LAB_NOTES.md); half precision, other kernels or dropout blur single
tokens, so there the mean is watched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from policy.config_error import ConfigError

METRIC = "sampling/sampling_logp_difference"
EXACT, BLURRED = 1e-4, 0.1
"""Nats: of the largest difference in float32 on a CPU; of the mean difference elsewhere."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`of` is max or mean."""

    of: str
    nats: float


def watched(values: Mapping[str, Any]) -> Limit | None:
    """What a run's sampler is held to; None where no difference is measured, or is none of the weights."""
    asked = values["sampler_gap_limit"]
    if not values["use_vllm"] or not values.get("vllm_importance_sampling_correction", False):
        return None
    shaped = values["top_p"] != 1 or values["top_k"] or values["min_p"] or values["repetition_penalty"] != 1
    if (shaped or values["generation_kwargs"]) and asked is None:
        return None  # the sampler draws from another distribution than the trainer scores, on purpose
    dropout = values["use_peft"] and values["lora_dropout"] and not values["disable_dropout"]
    exact = values["use_cpu"] and values["dtype"] == "float32" and not (values["bf16"] or values["fp16"] or dropout)
    return Limit("max", asked or EXACT) if exact else Limit("mean", asked or BLURRED)


class StaleSampler(TrainerCallback):
    """Looks at the newest difference that the trainer has noted, after every step."""

    def __init__(self, trainer: Any, limit: Limit) -> None:
        self._trainer, self._limit = trainer, limit

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Before the step is saved. Raises ConfigError."""
        told = self._trainer._metrics["train"].get(f"{METRIC}/{self._limit.of}", [])
        if told and not told[-1] <= self._limit.nats:
            raise ConfigError(sentence(state.global_step, self._limit, told[-1]))


def sentence(step: int, limit: Limit, found: float) -> str:
    which = "the largest" if limit.of == "max" else "the mean"
    return (
        f"step {step}: {which} difference between the trainer's and vLLM's log-probabilities of the sampled tokens is "
        f"{found:.2g} nats, above {limit.nats:g} ({METRIC}/{limit.of}). vLLM most probably samples with old weights: a "
        "sync that did not happen, a server that somebody else trains with or that serves another model, a tied output "
        "head that was not packed anew, or another dtype. Nothing was saved at this step. If the difference has a good "
        "reason, raise sampler_gap_limit."
    )
