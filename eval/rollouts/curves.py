"""The few curves and the diagnoses of a run that the page shows, from metrics.jsonl."""

import math
from collections.abc import Sequence
from typing import Any

from policy.rollouts import Row
from policy.tracking.names import STRIP

HELD_OUT = "eval_execution_accuracy"


def curves(metrics: Sequence[Row]) -> list[dict[str, Any]]:
    """Those of the strip that the run logged: `points` are [step, value], the value null where it was no number.

    `band` is [step, low, high], of the held-out accuracy only.
    """
    found: list[dict[str, Any]] = []
    for metric, label, share in STRIP:
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
