"""Metrics that need no database: functions from a policy's SQL and its question to a number.

One metric a file: `eval/metrics/bleu.py` holds `bleu`, and the same word stands in tables. To add one, add its file and
its test. A metric is a share in [0, 1] of which more is better, unless its file says `UNIT = "count"` or
`BETTER = "lower"`. None means that it cannot be said (the gold is no ruler for it), never zero; each file says when.
None of these knows whether an answer is right: they say how near it is written to a gold. Where a question has several
golds, the nearest counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

from envs.example import Example

Measure = Callable[[str, Example], float | None]

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")


@dataclass(frozen=True, slots=True)
class Metric:
    """`what` is the first line of its file; `measure` takes the policy's SQL ("" where it wrote none)."""

    name: str
    what: str
    measure: Measure
    unit: Literal["share", "count"]
    better: Literal["higher", "lower"]


def load(name: str) -> Metric:
    """The metric of that name."""
    if name not in NAMES:
        raise ValueError(f"no metric named {name!r}; eval/metrics/ has: {', '.join(NAMES)}")
    file = import_module(f"eval.metrics.{name}")
    what = (file.__doc__ or "").split("\n")[0].rstrip(".")
    unit, better = getattr(file, "UNIT", "share"), getattr(file, "BETTER", "higher")
    return Metric(name, what, getattr(file, name), unit, better)
