"""What a config that trains on pairs must satisfy, whatever is made of them: each says what is wrong, or None."""

import os
from collections.abc import Mapping
from typing import Any

from envs.presentation import Presentation

Values = Mapping[str, Any]


def schema_is_as_pairs_hold_it(values: Values, given: set[str]) -> str | None:
    """A pair holds its schema as CREATE statements, and is asked so; held-out questions must be too."""
    for key, value in Presentation.of(values).changed().items():
        return f"{key} is {value}, and pairs hold whole schemas as ddl and nothing beside them. Leave {key} out."
    return None


def dropout_is_on(values: Values, given: set[str]) -> str | None:
    if values["use_peft"] and "lora_dropout" in given and values["lora_dropout"] and values["disable_dropout"]:
        return (
            f"lora_dropout is {values['lora_dropout']:g}, and TRL switches every dropout off unless told otherwise. "
            "Write disable_dropout: false as well, or lora_dropout: 0."
        )
    return None


def batches_can_be_drawn(values: Values, given: set[str]) -> str | None:
    strategy = values["train_sampling_strategy"]
    if strategy not in ("random", "sequential"):
        return f"train_sampling_strategy {strategy} looks for one length a row, and a pair has two. Write random."
    return None


def some_are_held_out(values: Values, given: set[str]) -> str | None:
    share = values["validation_share"]
    if not 0 <= share < 1:
        return f"validation_share is {share:g}; it must be at least 0 and below 1."
    if values["eval_strategy"] != "no" and not share:
        return (
            f"eval_strategy is {values['eval_strategy']}, and validation_share is 0: no pairs would be held out for "
            "it. Write validation_share: 0.1, or eval_strategy: no."
        )
    return None


def one_process(module: str) -> str | None:
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count > 1:
        return f"{module} runs in one process, and the launcher started {count}. Run it by itself: python -m {module}."
    return None
