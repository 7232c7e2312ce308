"""What a trial's folder tells: its numbers on the way, its end, and why it failed."""

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

NUMBERS = ("loss", "eval_loss")


def logged(folder: Path) -> list[dict[str, Any]]:
    """The lines of `metrics.jsonl` that are whole."""
    file = folder / "metrics.jsonl"
    rows: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n") if file.is_file() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def evaluations(rows: list[dict[str, Any]], metric: str) -> list[float]:
    """The watched number at each evaluation after the first step, in their order: the k-th is asked at the same share
    of every trial, however large its batch."""
    return [float(row[f"eval_{metric}"]) for row in rows if row.get("step", 0) > 0 and f"eval_{metric}" in row]


def illness(rows: list[dict[str, Any]]) -> str:
    """A sentence where the training computes no numbers any more, "" elsewhere. A gradient that overflows once is the
    scaling of float16 at work; twice running it is not."""
    for row in rows:
        for name in NUMBERS:
            if isinstance(row.get(name), float) and not math.isfinite(row[name]):
                return f"{name} is {row[name]} at step {row['step']}: the training no longer computes numbers"
    norms = [row for row in rows if isinstance(row.get("grad_norm"), float)]
    for one, other in pairwise(norms):
        if not (math.isfinite(one["grad_norm"]) or math.isfinite(other["grad_norm"])):
            return f"the gradient is {one['grad_norm']} at step {one['step']}, and again at step {other['step']}"
    return ""


def ended(folder: Path) -> bool:
    return (folder / "summary.json").is_file()


def value(folder: Path, metric: str) -> float | None:
    """What a finished trial is judged by; None where it does not tell it."""
    if metric == "execution_accuracy":
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return float(summary["after"]["mean"])
    found = evaluations(logged(folder), metric)
    return found[-1] if found else None


def scores(folder: Path) -> str:
    """Each held-out question in its order: 1 right, 0 wrong, - without a ruler."""
    file = folder / "eval/after.jsonl"
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="surrogatepass") as lines:
        told = [json.loads(line)["rewards"].get("execution_match") for line in lines]
    return "".join("-" if score is None else "1" if score > 0.5 else "0" for score in told)


def facts(folder: Path) -> dict[str, Any]:
    """What the storage keeps of a finished trial, so that a report needs no folder of another machine's."""
    summary: Mapping[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    accuracy = [summary["after"][key] for key in ("mean", "low", "high")] if "after" in summary else []
    steps = summary.get("steps")
    return {"scores": scores(folder), "accuracy": accuracy, "stand_in": bool(summary.get("stand_in")), "steps": steps}


def last_words(log: Path, code: int) -> str:
    """Why a trial's process failed, in a sentence."""
    if code == -9:
        return "it was killed (signal 9), as the system does when memory is full"
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = next((line for line in reversed(lines) if line.startswith("error: ")), lines[-1] if lines else "")
    return (told.removeprefix("error: ") or f"it left with status {code} and said nothing")[:400]
