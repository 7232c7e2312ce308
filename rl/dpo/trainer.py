"""TRL's DPO trainer, with the few overrides this lab needs (TRL 1.16, transformers 5.17).

- `_prepare_dataset`: pairs arrive as token ids, the prompt as evaluation asks it. TRL would look for texts, tokenise
  prompt and answer together, and move the border between them where the two disagree.
- `evaluation_loop`: how held-out pairs are ordered, over pairs and not over batches; and greedy execution accuracy on
  validation questions, by which transformers chooses the best checkpoint and stops early.
- `prediction_step`: how many pairs a batch of them had.
- `_load_from_checkpoint`: trained numbers come back in the precision they had.

`tests/rl/dpo/test_trainer.py` fails loudly when TRL moves one of them.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

from datasets import Dataset
from torch import nn
from transformers.trainer_utils import EvalLoopOutput
from trl import DPOTrainer

from policy.chat import tokens_of
from policy.ended_training import StaysEnded
from policy.held_out import Examination
from policy.load import same_precision
from policy.stays_finite import StaysFinite


class LabDPOTrainer(StaysFinite, StaysEnded, DPOTrainer):
    """`answer` answers the validation questions with the policy as it is, None where there are none; the answers are
    kept in `answers_folder`, `step-N.jsonl`."""

    answer: Callable[[], Examination] | None = None
    answers_folder: Path
    _sizes: list[int]

    def _prepare_dataset(self, dataset: Dataset, *_: Any, **__: Any) -> Dataset:
        return dataset

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        self._sizes = []
        output = super().evaluation_loop(*args, **kwargs)
        prefix, found = kwargs.get("metric_key_prefix", "eval"), self._metrics["eval"]
        output.metrics.pop(f"{prefix}_model_preparation_time", None)  # told only where nothing was trained before
        for name in [name for name, values in found.items() if len(values) == len(self._sizes)]:
            found[name] = [_mean(found[name], self._sizes)]
        if self.answer is not None:
            for name, value in self._answered(self.answer()).items():
                output.metrics[f"{prefix}_{name}"] = value
        return output

    def prediction_step(self, model: nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._sizes.append(len(inputs["input_ids"]) // 2)
        return super().prediction_step(model, inputs, *args, **kwargs)

    def _answered(self, found: Examination) -> dict[str, float]:
        """Shares in [0, 1] with a 95% interval, and the mean length of an answer in tokens."""
        found.save(self.answers_folder / f"step-{self.state.global_step:06d}.jsonl", {"decoding": "greedy"})
        accuracy = found.accuracy()
        told = {"": accuracy.mean, "_low": accuracy.low, "_high": accuracy.high}
        lengths = [len(tokens_of(self.processing_class, one.completion)) for one in found.rollouts]
        return {f"execution_accuracy{part}": value for part, value in told.items()} | {
            "completions/mean_length": fmean(lengths)
        }

    def ordered(self) -> dict[str, float]:
        """How the policy as it is orders the held-out pairs, without logging it; {} where there are none."""
        if self.eval_dataset is None:
            return {}
        answer, self.answer = self.answer, None
        try:
            loss = self.evaluation_loop(self.get_eval_dataloader(), "pairs", prediction_loss_only=True).metrics
        finally:
            self.answer = answer
        found = {name: values[0] for name, values in self._metrics["eval"].items() if values}
        self._metrics["eval"].clear()
        return {"loss": loss["eval_loss"]} | found

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        with same_precision(self.model):
            super()._load_from_checkpoint(resume_from_checkpoint, model)


def _mean(values: list[float], sizes: list[int]) -> float:
    return sum(value * size for value, size in zip(values, sizes, strict=True)) / sum(sizes)
