"""How well does a small policy answer questions it has never read? The seedling, or any model, on five sets of them.

    python -m benchmarks.seedling [--model policy/seedling ...] [--data FOLDER] [--sets worlds storefront] [--samples 8]

`worlds` (400 questions of test, as `configs/grpo_seedling.yaml` asks them) and `storefront` (100) need no data. FOLDER
(else the environment variable TEXT2SQL_DATA) holds `spider_train/` (200 questions of its validation databases),
`spider_dev_open/` (466) and `geoquery/` (all splits). Greedy strict execution match with Wilson's 95% interval, of the
questions whose gold is a ruler. `--samples` adds, for 200 questions of worlds' validation, the share of right answers
at temperature 1 and of questions with at least one right among that many. Models are compared question by question
with the first one.
"""

import argparse
import hashlib
import os
import subprocess
import time
from pathlib import Path
from random import Random

import torch

from envs import tasks
from envs.example import Example
from envs.sql_env import SqlEnv
from envs.tasks import Split
from policy.chat import prompt_text
from policy.generate import complete
from policy.held_out import examine
from policy.load import load_policy, load_tokenizer, locate
from rewards.paired import accuracy, paired_difference

SETS: dict[str, tuple[str, str | None, tuple[Split, ...], int | None]] = {
    "worlds": ("worlds", None, ("test",), 400),
    "worlds validation": ("worlds", None, ("validation",), 200),
    "storefront": ("storefront", None, ("test",), None),
    "spider": ("spider", "spider_train", ("validation",), 200),
    "spider dev": ("spider", "spider_dev_open/questions.json", ("test",), None),
    "geoquery": ("geoquery", "geoquery", ("train", "validation", "test"), None),
}
"""A set -> its task, where in FOLDER it lies, its splits, and how many questions of it, shuffled."""
LONGEST = 128  # tokens of an answer


def questions(name: str, data: Path | None) -> list[Example]:
    """The questions of a set in one order for every model; none where its data is not there."""
    task, folder, splits, count = SETS[name]
    path = data / folder if data and folder else None
    if folder and not (path and path.exists()):
        return []
    found = [example for split in splits for example in tasks.load(task, split, str(path) if path else None)]
    if count is not None:
        Random(0).shuffle(found)
    return found[:count]


def identity(model: str) -> str:
    """The start of the SHA-256 of the weights."""
    file = Path(locate(model)) / "model.safetensors"
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "no safetensors"


def sampled(model: str, examples: list[Example], samples: int) -> str:
    """Share of right answers at temperature 1, and of questions that some answer gets right."""
    policy, tokenizer = load_policy(model), load_tokenizer(model)
    torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
    prompts = [prompt_text(tokenizer, example, "strict") for example in examples]
    texts = complete(policy, tokenizer, prompts, LONGEST, batch_size=16, samples=samples, temperature=1.0)
    asked = [(e.id, text) for e, answers in zip(examples, texts, strict=True) for text in answers]
    with SqlEnv(examples) as env:
        right = [rollout.verdict.correct for rollout in env.play_batch(asked)]
    groups = [[one is True for one in right[at : at + samples]] for at in range(0, len(right), samples)]
    mixed = sum(any(group) and not all(group) for group in groups) / len(groups)
    best = sum(map(any, groups)) / len(groups)
    mean = sum(map(sum, groups)) / len(right)
    return f"{100 * mean:.1f}% right, pass@{samples} {100 * best:.1f}%, {100 * mixed:.0f}% of groups hold both"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", nargs="+", default=["policy/seedling"])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--samples", type=int, default=0)
    options = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    print(f"commit {commit.stdout.strip() or 'unknown'}")
    for model in options.model:
        print(f"{model}: weights {identity(model)}", flush=True)
    print("| set | model | questions | right | interval | runs | against the first |\n|---|---|---|---|---|---|---|")
    for name in options.sets:
        examples = questions(name, Path(options.data) if options.data else None)
        if not examples:
            print(f"| {name} | left out: no data in {options.data or 'a folder (--data)'} | | | | | |", flush=True)
            continue
        first: list[float | None] = []
        for model in options.model:
            started = time.monotonic()
            policy, tokenizer = load_policy(model), load_tokenizer(model)
            with SqlEnv(examples) as env:
                seen = examine(policy, tokenizer, examples, env, "strict", LONGEST, batch_size=32)
            scores = seen.scores
            mean = accuracy(scores)
            graded = [rollout for rollout, score in zip(seen.rollouts, scores, strict=True) if score is not None]
            runs = sum(rollout.execution.ok for rollout in graded) / len(graded)
            against = ""
            if first:
                change = paired_difference(first, scores)
                against = f"{100 * change.mean:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]"
            first = first or scores
            print(
                f"| {name} | {model} | {mean.scored} | {100 * mean.mean:.1f}% "
                f"| [{100 * mean.low:.1f}, {100 * mean.high:.1f}] | {100 * runs:.1f}% | {against} |"
                f" {time.monotonic() - started:.0f} s",
                flush=True,
            )
    if options.samples:
        for model in options.model:
            told = sampled(model, questions("worlds validation", None), options.samples)
            print(f"{model}, worlds validation at temperature 1: {told}", flush=True)


if __name__ == "__main__":
    main()
