"""TRL's SFT trainer, with two overrides.

An evaluation also says perplexity and, when asked, execution accuracy: transformers chooses the best checkpoint and
stops early by what `evaluation_loop` returns (5.17), so that is where a number must be added which is to decide.

A resumed run goes on counting tokens where it was: TRL (1.16) keeps its count in no checkpoint, transformers' state has
a place for one.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTTrainer

from rewards.paired import Interval


class AnsweringSFTTrainer(SFTTrainer):
    """`answer` answers the watched validation questions with the policy as it is; None where there are none."""

    answer: Callable[[], Interval] | None = None

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        output = super().evaluation_loop(*args, **kwargs)
        prefix = kwargs.get("metric_key_prefix", "eval")
        loss = output.metrics.get(f"{prefix}_loss")
        if loss is not None:
            output.metrics[f"{prefix}_perplexity"] = math.exp(loss) if loss < 700 else math.inf
        if self.answer is not None:
            found = self.answer()
            output.metrics[f"{prefix}_execution_accuracy"] = found.mean
            output.metrics[f"{prefix}_execution_accuracy_low"] = found.low
            output.metrics[f"{prefix}_execution_accuracy_high"] = found.high
        return output

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        self.state.num_input_tokens_seen = self._total_train_tokens
        super()._save_checkpoint(model, trial)


class CountGoesOn(TrainerCallback):
    """Gives the trainer back its count of tokens once the state of a checkpoint is read."""

    def __init__(self, trainer: AnsweringSFTTrainer) -> None:
        self._trainer = trainer

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._trainer._total_train_tokens = state.num_input_tokens_seen
