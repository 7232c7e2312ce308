"""Several ways of going on from one start, over several seeds, on the same questions.

    python -m benchmarks.arms SFT=runs/sft_1,runs/sft_2 DPO=runs/dpo_1,runs/dpo_2

The first arm is the start of all others, run by run: its answers after training are what theirs are compared with. Only
`eval/after.jsonl` of each run is read. What is said of an arm is about its runs taken together: the interval resamples
questions, each with the mean of its seeds, so that three seeds of one question do not count as three questions.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rewards.paired import bootstrap

Scores = dict[str, float]
"""By question: 1.0 right, 0.0 wrong; what has no ruler is left out."""


def scores(run: Path) -> Scores:
    """Strict execution match after training. Raises SystemExit where the run holds no answers."""
    file = run / "eval/after.jsonl"
    if not file.is_file():
        raise SystemExit(f"{run} holds no eval/after.jsonl: has it ended?")
    with file.open(encoding="utf-8", errors="surrogatepass") as lines:
        rows = list(map(json.loads, lines))
    return {row["example"]: float(row["correct"]) for row in rows if row["correct"] is not None}


def line(name: str, arm: Sequence[Scores], start: Sequence[Scores]) -> str:
    """One row of the table. Raises SystemExit where the runs answered other questions."""
    asked = sorted(start[0])
    if any(sorted(found) != asked for found in (*arm, *start)):
        raise SystemExit(f"{name}: the runs were not scored on the same questions")
    after, before = (np.array([[found[q] for q in asked] for found in some]) for some in (arm, start))
    shares = f"{100 * after.mean():.1f} ({', '.join(f'{100 * one.mean():.1f}' for one in after)})"
    if arm is start:
        return f"| {name} | {shares} | | |"
    changes = (after - before).mean(axis=0)
    low, high = bootstrap(changes, seed=0, resamples=10_000)
    gained, lost = ((after > before).sum(axis=1), (after < before).sum(axis=1))
    flips = ", ".join(f"{g} / {n}" for g, n in zip(gained, lost, strict=True))
    return f"| {name} | {shares} | {100 * changes.mean():+.1f} [{100 * low:+.1f}, {100 * high:+.1f}] | {flips} |"


def main(argv: Sequence[str]) -> None:
    arms = {name: [scores(Path(run)) for run in runs.split(",")] for name, _, runs in (a.partition("=") for a in argv)}
    if len(arms) < 2:
        raise SystemExit(__doc__)
    start = next(iter(arms.values()))
    if any(len(found) != len(start) for found in arms.values()):
        raise SystemExit("every arm needs as many runs as the first, each from the run at its place there")
    print(f"| {len(start[0])} questions, {len(start)} seeds | accuracy (each seed) | change, paired | gained / lost |")
    print("|---|---|---|---|")
    for name, found in arms.items():
        print(line(name, found, start))


if __name__ == "__main__":
    main(sys.argv[1:])
