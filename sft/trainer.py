"""TRL's SFT trainer, where it needs more.

An evaluation says loss and perplexity over all graded tokens and, when asked, execution accuracy: transformers chooses
the best checkpoint and stops early by what `evaluation_loop` returns (5.17), so a number that is to decide goes there.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import nn
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTTrainer

from policy import processes
from policy.ended_training import StaysEnded
from policy.load import same_precision
from rewards.paired import Interval


class AnsweringSFTTrainer(StaysEnded, SFTTrainer):
    """`answer` answers the watched validation questions with the policy as it is; None where there are none."""

    answer: Callable[[], Interval] | None = None
    _surprise: float = 0.0
    _graded: int = 0

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        self._surprise, self._graded = 0.0, 0
        output = super().evaluation_loop(*args, **kwargs)
        prefix = kwargs.get("metric_key_prefix", "eval")
        parts = processes.gather((self._surprise, self._graded))
        self._surprise, self._graded = (sum(part) for part in zip(*parts, strict=True))
        if self._graded and self.args.loss_type == "nll" and not self.args.label_smoothing_factor:
            loss = self._surprise / self._graded
            output.metrics[f"{prefix}_loss"] = loss
            output.metrics[f"{prefix}_perplexity"] = math.inf if loss > 700 else math.exp(loss)
        if self.answer is not None:
            found = self.answer()
            output.metrics[f"{prefix}_execution_accuracy"] = found.mean
            output.metrics[f"{prefix}_execution_accuracy_low"] = found.low
            output.metrics[f"{prefix}_execution_accuracy_high"] = found.high
        return output

    def prediction_step(self, model: nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Adds up what each graded token surprised: a mean of batch means would depend on the batches."""
        loss, logits, labels = super().prediction_step(model, inputs, *args, **kwargs)
        count = int((inputs["labels"][:, 1:] != -100).sum())
        self._surprise, self._graded = self._surprise + float(loss) * count, self._graded + count
        return loss, logits, labels

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        with same_precision(self.model):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
