"""How near is the peak that a dry run predicts to the one that a training has? An epoch of each config, anywhere.

    python -m benchmarks.memory --output /tmp/memory
    python -m benchmarks.memory --output /tmp/memory --config configs/sft_lora_r16.yaml --more '--max_steps 5'

Each run is a process of its own. On a GPU both numbers are those of the GPU, as torch's allocator reserved it; on a CPU
those of the process.
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from policy.run_cost import json_of

SMALL = "--held_out_size 8 --eval_strategy no --save_strategy no"
SEEDLING = ("full", "lora_r16_qv", "lora_r16", "lora_r64", "qlora", "prompt_random", "prompt_text")
RUNS = {f"configs/sft_seedling_{name}.yaml": ("sft.train", "") for name in SEEDLING} | {
    "configs/dpo_seedling.yaml": ("rl.dpo", ""),
    "configs/grpo_seedling.yaml": ("rl.grpo", "--train_size 400 --max_steps 12"),
}
"""Config -> its command, and what makes it a matter of minutes: a whole epoch, as new lengths of batches add to the
peak, but of GRPO the steps in which it grew."""

UNITS = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="a folder for the runs")
    parser.add_argument("--config", action="append", help="only this one; its command is named in its second line")
    parser.add_argument("--more", default="", help="keys for every run, as one word")
    asked = parser.parse_args(argv)
    print("| config | predicted, MiB | measured, MiB | predicted / measured |\n|---|---|---|---|")
    for config in asked.config or RUNS:
        module, few = RUNS.get(config, (module_of(Path(config)), ""))
        words = ["--config", config, *shlex.split(f"{SMALL} {few} {asked.more}")]
        run = asked.output / Path(config).stem
        told = predicted(ran(module, *words, "--dry_run"))
        ran(module, *words, "--output_dir", str(run))
        found = measured(run)
        print(f"| {Path(config).stem} | {told:,.0f} | {found:,.0f} | {told / found:.2f} |", flush=True)
    return 0


def module_of(config: Path) -> str:
    """`rl.grpo` of the line `# python -m rl.grpo --config ...`."""
    found = re.search(r"^# python -m (\S+)", config.read_text(encoding="utf-8"), re.M)
    return found[1] if found else "sft.train"


def ran(module: str, *words: str) -> str:
    """What the command wrote. Raises RuntimeError with the end of its errors where it failed."""
    done = subprocess.run([sys.executable, "-m", module, *words], text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} {shlex.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


def predicted(told: str) -> float:
    """MiB, from the words of a dry run."""
    found = re.search(r"predicted peak: ([\d.,]+) ([KMG]iB)", told)
    if found is None:
        raise RuntimeError("the dry run predicts no peak")
    return float(found[1].replace(",", "")) * UNITS[found[2]]


def measured(run: Path) -> float:
    """MiB that the steps of a run took at most."""
    cost = json_of(run / "cost.json") or json_of(run / "trained.json")["measures"]
    return float(cost.get("peak_vram_reserved_mib") or cost["peak_rss_mib"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
