"""What share of a training step goes into rewards and into keeping rollouts, read from the log of a run.

    python -m benchmarks.step_share runs/grpo_seedling

Beside them stand sampling and the whole step, timed by the same clock in the same run. The first step is left out: it
loads what later ones find loaded.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

PARTS = {
    "sampling the completions": "time/generation",
    "executing and judging them": "time/reward",
    "keeping the rollouts": "time/recording",
}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    run: Path = parser.parse_args(argv).run
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    steps = [line for line in lines if "step_time" in line and line["step"] > 1]
    if not steps:
        print(f"{run} has logged no step after the first", file=sys.stderr)
        return 2
    whole = sum(line["step_time"] for line in steps)
    print("| part of a step | mean, ms | median, ms | share of the step |\n|---|---|---|---|")
    for name, key in PARTS.items():
        spent = [line[key] for line in steps]
        print(f"| {name} | {1e3 * mean(spent):,.0f} | {1e3 * median(spent):,.0f} | {sum(spent) / whole:.1%} |")
    took = [line["step_time"] for line in steps]
    print(f"| the whole step ({len(steps)} log lines) | {1e3 * mean(took):,.0f} | {1e3 * median(took):,.0f} | 100% |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
