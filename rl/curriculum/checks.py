"""What is wrong with the keys of question selection, as a sentence, or None. Imports nothing of the lab."""

from collections.abc import Mapping
from typing import Any


def selection_adds_up(values: Mapping[str, Any]) -> str | None:
    """One of the checks of `rl/checks.py`; a command whose config knows no such keys has nothing to check."""
    ends, rates, epochs = (values.get(key) for key in ("keep_pass_rate", "pass_rates", "drop_settled"))
    if epochs is not None and epochs < 1:
        return f"drop_settled is {epochs}; it must be at least 1 epoch, or null."
    if ends is None:
        return None
    if len(ends) != 2:
        return f"keep_pass_rate is {ends}; it needs two numbers such as [0.0, 1.0], neither end kept; null is no end."
    low, high = (other if end is None else end for end, other in zip(ends, (0.0, 1.0), strict=True))
    if not 0 <= low < high <= 1:
        return f"keep_pass_rate is {ends}; its ends must lie in [0, 1], the lower one first, such as [0.1, 0.9]."
    if rates is None and ends != [0.0, 1.0]:
        return "keep_pass_rate would be ignored: pass_rates names no file. python -m rl.curriculum measures one."
    return None
