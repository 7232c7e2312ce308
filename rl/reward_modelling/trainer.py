"""TRL's reward trainer, with the few overrides this lab needs (TRL 1.16, transformers 5.17).

- `evaluation_loop`: loss, accuracy and margin over pairs, not over batches, of which the last may be small; without the
  time that the model took to be put in place, which only a run tells that was evaluated before it was trained.
- `prediction_step`: how many pairs a batch of them had, and its loss.
- `_set_signature_columns_if_needed`: what the prior says of a pair is no column that TRL knows (`prior.py`).
- `compute_loss`: pairs of one question may be read together (`together.py`).
- `_load_from_checkpoint`: trained numbers come back in the precision they had.

`tests/rl/reward_modelling/test_trainer.py` fails loudly when TRL moves one of them.
"""

from collections.abc import Sequence
from typing import Any

from torch import nn
from transformers.trainer_utils import EvalLoopOutput
from trl import RewardTrainer

from policy.ended_training import StaysEnded
from policy.load import same_precision
from policy.stays_finite import StaysFinite
from rl.reward_modelling.together import Branching


class LabRewardTrainer(StaysFinite, StaysEnded, RewardTrainer):
    _sizes: list[int]
    _losses: list[float]

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        self._sizes, self._losses = [], []
        output = super().evaluation_loop(*args, **kwargs)
        prefix, found = kwargs.get("metric_key_prefix", "eval"), self._metrics["eval"]
        for name in ("accuracy", "margin", "mean_reward"):
            found[name] = [self._over_pairs(found[name])]
            output.metrics[f"{prefix}_{name}"] = found[name][0]
        output.metrics[f"{prefix}_loss"] = self._over_pairs(self._losses)
        output.metrics.pop(f"{prefix}_model_preparation_time", None)
        found["min_reward"], found["max_reward"] = [min(found["min_reward"])], [max(found["max_reward"])]
        return output

    def prediction_step(self, model: nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._sizes.append(len(inputs.get("ends", inputs["input_ids"])) // 2)
        found = super().prediction_step(model, inputs, *args, **kwargs)
        self._losses.append(float(found[0]))
        return found

    def _over_pairs(self, batches: Sequence[float]) -> float:
        return sum(value * size for value, size in zip(batches, self._sizes, strict=True)) / sum(self._sizes)

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        self._signature_columns = [*dict.fromkeys([*self._signature_columns, "chosen_prior", "rejected_prior"])]

    def compute_loss(self, model: nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if "branches" in inputs:
            model = Branching(model, self.accelerator.unwrap_model(self.model))
        return super().compute_loss(model, inputs, *args, **kwargs)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        with same_precision(self.model):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
