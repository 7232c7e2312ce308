"""The few curves and the diagnoses of a run that the page shows, from metrics.jsonl."""

import math
from collections.abc import Sequence
from typing import Any

from policy.rollouts import Row

CURVES = (
    ("reward", "reward", False),
    ("rewards/execution_match/mean", "execution match", True),
    ("eval_execution_accuracy", "held out", True),
    ("frac_reward_zero_std", "tied groups", True),
    ("completions/clipped_ratio", "truncated", True),
    ("kl", "KL", False),
)
"""Metric, what the page calls it, and whether it is a share, drawn from 0 to 1."""
HELD_OUT = "eval_execution_accuracy"


def curves(metrics: Sequence[Row]) -> list[dict[str, Any]]:
    """Those of `CURVES` that the run logged: `points` are [step, value], the value null where it was no number.

    `band` is [step, low, high], of the held-out accuracy only.
    """
    found: list[dict[str, Any]] = []
    for metric, label, share in CURVES:
        points = {line["step"]: number(line[metric]) for line in metrics if metric in line}
        if not points:
            continue
        curve: dict[str, Any] = {"label": label, "metric": metric, "share": share, "points": sorted(points.items())}
        if metric == HELD_OUT:
            bounds = (
                (line["step"], *(number(line.get(f"{metric}_{end}")) for end in ("low", "high"))) for line in metrics
            )
            curve["band"] = sorted(bound for bound in bounds if None not in bound)
        found.append(curve)
    return found


def diagnoses(metrics: Sequence[Row]) -> list[dict[str, Any]]:
    """What the run's own health checks said, in the order of the steps."""
    return [
        {
            "step": line["step"],
            "name": str(line["health"].get("name", "")),
            "told": str(line["health"].get("told", "")),
            "advice": str(line["health"].get("advice", "")),
        }
        for line in metrics
        if isinstance(line.get("health"), dict)
    ]


def number(value: Any) -> float | None:
    """A finite number, or None for what is missing or is none."""
    return value if isinstance(value, int | float) and math.isfinite(value) else None
