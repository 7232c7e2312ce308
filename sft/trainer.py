"""TRL's SFT trainer, where it needs more.

An evaluation says loss and perplexity over all graded tokens and, when asked, execution accuracy: transformers chooses
the best checkpoint and stops early by what `evaluation_loop` returns (5.17), so a number that is to decide goes there.
Lessons of other kinds are measured after it, each by itself: `eval_loss` stays that of text-to-SQL, whatever is taught.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from datasets import Dataset
from torch import nn
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTTrainer

from policy import processes
from policy.ended_training import StaysEnded
from policy.load import same_precision
from policy.stays_finite import StaysFinite
from rewards.paired import Interval


class AnsweringSFTTrainer(StaysFinite, StaysEnded, SFTTrainer):
    """`answer` answers the watched validation questions with the policy as it is; None where there are none. `beside`
    are lessons of other kinds whose loss is measured too."""

    answer: Callable[[], Interval] | None = None
    beside: Mapping[str, Dataset] = MappingProxyType({})
    _surprise: float = 0.0
    _graded: int = 0

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        prefix = kwargs.get("metric_key_prefix", "eval")
        output = self._measured(prefix, *args, **kwargs)
        own = {name: list(values) for name, values in self._metrics["eval"].items()}
        more = {key: value for key, value in kwargs.items() if key not in ("dataloader", "description")}
        for kind, lessons in self.beside.items():
            name = f"{prefix}_{kind}"
            kept = vars(self).pop("_eval_dataloaders", None)  # persistent workers': transformers would hand out that
            found = self._measured(name, self.get_eval_dataloader(lessons), name, **more)
            self._eval_dataloaders = kept or {}
            output.metrics.update({key: value for key, value in found.metrics.items() if key.startswith(f"{name}_")})
        self._metrics["eval"].clear()
        self._metrics["eval"].update(own)  # TRL's log says the mean of what was measured last
        if self.answer is not None:
            found = self.answer()
            output.metrics[f"{prefix}_execution_accuracy"] = found.mean
            output.metrics[f"{prefix}_execution_accuracy_low"] = found.low
            output.metrics[f"{prefix}_execution_accuracy_high"] = found.high
        return output

    def _measured(self, name: str, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        """One pass over one kind of lessons; loss and perplexity under `name`."""
        self._surprise, self._graded = 0.0, 0
        output = super().evaluation_loop(*args, **kwargs)
        parts = processes.gather((self._surprise, self._graded))
        self._surprise, self._graded = (sum(part) for part in zip(*parts, strict=True))
        if self._graded and self.args.loss_type == "nll" and not self.args.label_smoothing_factor:
            loss = self._surprise / self._graded
            output.metrics[f"{name}_loss"] = loss
            output.metrics[f"{name}_perplexity"] = math.inf if loss > 700 else math.exp(loss)
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
