"""Does a run that is killed again and again end as one that was left alone? SIGKILL at random moments, then --resume.

    python -m benchmarks.resume --kills 10 --output /tmp/resume
    python -m benchmarks.resume --kills 3 --output /tmp/resume --config configs/grpo_seedling.yaml --max_steps 12

By default 60 GRPO steps of the seedling with LoRA and a reference (beta 0.04) over more than two epochs. Weights,
metrics and rollouts are compared byte by byte, and line by line without what a clock tells.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

RUN = (
    "--config configs/grpo_seedling.yaml --use_peft true --lora_r 8 --lora_target_modules all-linear "
    "--lora_dropout 0.05 --beta 0.04 --learning_rate 1e-4 --train_size 50 --held_out_size 12 --max_steps 60 "
    "--per_device_train_batch_size 16 --max_completion_length 32 --save_steps 5 --logging_steps 2 "
    "--eval_strategy steps --eval_steps 10 --validation_size 8"
)
CLOCKED = re.compile(r"seconds|time/.+|step_time|train_loss|.+_runtime|.+_per_second")
"""Names of what a clock tells, and of the mean over what one process trained."""


def metrics(run: Path) -> list[dict[str, Any]]:
    """Every logged line without what a clock tells."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{k: repr(v) for k, v in line.items() if not CLOCKED.fullmatch(k)} for line in lines]


def contents(run: Path) -> dict[str, bytes]:
    """What must be the same to the byte: the policy's weights and every rollout."""
    files = [*(run / "policy").glob("*.safetensors"), *(run / "rollouts").glob("*")]
    return {str(file.relative_to(run)): file.read_bytes() for file in sorted(files)}


def differences(one: Path, other: Path) -> list[str]:
    """In what two finished runs differ, a sentence each; empty where they are the same run twice."""
    found: list[str] = []
    here, there = contents(one), contents(other)
    found += [f"{name} is only in one of them" for name in sorted(here.keys() ^ there.keys())]
    found += [f"{name} differs" for name in sorted(here.keys() & there.keys()) if here[name] != there[name]]
    logged, again = metrics(one), metrics(other)
    if len(logged) != len(again):
        found.append(f"metrics.jsonl has {len(logged)} lines in one and {len(again)} in the other")
    for a, b in zip(logged, again, strict=False):
        found += [
            f"step {a['step']}: {key} {a.get(key)} / {b.get(key)}"
            for key in a.keys() | b.keys()
            if a.get(key) != b.get(key)
        ]
    return found


def step_reached(run: Path) -> int:
    """The last step in the log, 0 before the first."""
    try:
        lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return max((json.loads(line)["step"] for line in lines if line.endswith("}")), default=0)
    except FileNotFoundError:
        return 0


def kill_at(
    command: Sequence[str], run: Path, step: int, delay: float, log: Path, start: Callable[..., Any] = subprocess.Popen
) -> bool:
    """Start it and SIGKILL it `delay` seconds after it logged that step. False where it ended before by itself."""
    with log.open("a", encoding="utf-8") as told:
        process = start(command, stdout=told, stderr=told)
        while process.poll() is None and step_reached(run) < step:
            time.sleep(0.02)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--output", type=Path, required=True, help="a folder for both runs")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--module", default="rl.grpo")
    known, more = parser.parse_known_args(argv)
    words = RUN.split() if "--config" not in more else []
    os.environ["HF_HUB_OFFLINE"] = "1"
    known.output.mkdir(parents=True, exist_ok=True)
    alone, killed = known.output / "left_alone", known.output / "killed"
    command = [sys.executable, "-m", known.module, *words, *more, "--run_name", "resume", "--output_dir"]
    started = time.monotonic()
    with (known.output / "left_alone.log").open("w", encoding="utf-8") as log:
        subprocess.run([*command, str(alone)], stdout=log, stderr=log, check=True)
    print(f"left alone: {time.monotonic() - started:.0f} s", flush=True)
    steps, draw = step_reached(alone), random.Random(known.seed)
    done, log = 0, known.output / "killed.log"
    for step in sorted(draw.uniform(-steps / 12, steps) for _ in range(known.kills)):
        again = ["--resume"] if (killed / "config.yaml").is_file() else []
        delay = draw.uniform(0, 4) if step > 0 else draw.uniform(0, 20)
        if not kill_at([*command, str(killed), *again], killed, max(0, int(step)), delay, log):
            break
        done += 1
        print(f"killed {done}: step {step_reached(killed)} logged", flush=True)
    with log.open("a", encoding="utf-8") as told:
        again = ["--resume"] if (killed / "config.yaml").is_file() else []
        subprocess.run([*command, str(killed), *again], stdout=told, stderr=told, check=True)
    found = differences(alone, killed)
    print("\n".join(found[:40]))
    print("| kills | steps | files compared | lines of metrics | differences |\n|---|---|---|---|---|")
    print(f"| {done} | {steps} | {len(contents(alone))} | {len(metrics(alone))} | {len(found)} |")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
