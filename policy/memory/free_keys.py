"""The keys that a resumed run may change because they decide how much memory it needs and not what it learns.

Imports neither torch nor TRL.
"""

from collections.abc import Mapping
from typing import Any

FREE = frozenset({"gradient_checkpointing", "answer_batch_size", "per_device_eval_batch_size"})
ROWS, PASSES = "per_device_train_batch_size", "gradient_accumulation_steps"
DEFAULTS = {ROWS: 8, PASSES: 1}
"""transformers' (5.17), where a config does not name them."""


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys that differ and make it another run. Rows and passes may, where their product, which one step learns
    from, is the same, unless it samples what it learns from; sums are rounded in another order then, so that weights
    agree to a tolerance and not to the bit."""
    differ = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)} - FREE
    if _a_step(before) == _a_step(now) and not samples(now):
        differ -= {ROWS, PASSES}
    return sorted(differ)


def samples(values: Mapping[str, Any]) -> bool:
    """Whether a run of these keys learns from what it samples, in generations whose arithmetic hangs on both."""
    return "max_turns" in values


def _a_step(values: Mapping[str, Any]) -> int:
    rows, passes = (int(values.get(key) or DEFAULTS[key]) for key in (ROWS, PASSES))
    return rows * passes
