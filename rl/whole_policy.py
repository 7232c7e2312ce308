"""The policy in a trainer, whole and ready to answer, wherever its weights lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peft import PeftModel
from transformers import PreTrainedModel
from trl.models import unwrap_model_for_generation


def sharded(trainer: Any) -> bool:
    """Whether each process holds only a part of the policy: FSDP, or stage 3 of DeepSpeed's ZeRO."""
    plugin = getattr(trainer.accelerator.state, "deepspeed_plugin", None)
    return trainer.is_fsdp_enabled or (plugin is not None and plugin.zero_stage == 3)


@contextmanager
def whole_policy(trainer: Any) -> Iterator[PreTrainedModel | PeftModel]:
    """The policy, ready to generate where it is to be trained. Before training nothing is cut up or moved yet."""
    if trainer.model_wrapped is not trainer.model and sharded(trainer):
        with unwrap_model_for_generation(trainer.model_wrapped, trainer.accelerator) as policy:
            yield policy
        return
    policy = trainer.accelerator.unwrap_model(trainer.model)
    if next(policy.parameters()).device.type != trainer.accelerator.device.type:
        policy.to(trainer.accelerator.device)
    yield policy
