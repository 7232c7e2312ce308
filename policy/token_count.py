"""A resumed run goes on counting tokens where it was: TRL (1.16) keeps its count in no checkpoint, transformers' state
has a place for one.
"""

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class CountGoesOn(TrainerCallback):
    """Keeps a TRL trainer's count of tokens in the state that checkpoints hold, and gives it back."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._trainer._total_train_tokens = state.num_input_tokens_seen

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        state.num_input_tokens_seen = self._trainer._total_train_tokens
