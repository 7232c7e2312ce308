"""TRL's SFT trainer, with one override: an evaluation also says perplexity and, when asked, execution accuracy.

transformers chooses the best checkpoint and stops early by what `evaluation_loop` returns (5.17), so that is where a
number must be added which is to decide.
"""

import math
from collections.abc import Callable
from typing import Any

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
