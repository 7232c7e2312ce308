"""The whole way once, on a CPU, in minutes: fine-tune, train on by GRPO, and say whether that made a better policy.

    python -m eval.quickstart
    python -m eval.quickstart --questions 400 --output runs/first

Nothing but the lab's own commands is run, each is printed before it is, and what it says is kept in OUTPUT/log. Left
anywhere, the same command goes on where it was. The policy is the seedling (3.7 million parameters), the data are
generated questions about databases that no part of its training knew: a test of the machinery, not of a method.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from eval.stage import Stage, minutes, run
from policy.config_error import ConfigError, exit_with_sentence

ROOT = Path(__file__).parent.parent
TASK = "worlds"


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.quickstart",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--output", type=Path, default=Path("runs/quickstart"), metavar="FOLDER", help="default runs/quickstart")
    add("--questions", type=int, default=300, metavar="N", help="asked of both policies (default 300)")
    return described


def stages(output: Path, questions: int) -> list[Stage]:
    """In their order; a training whose folder is there already is resumed."""
    runs = {name: output / name for name in ("sft", "sft_grpo")}
    samples = {name: run / "eval/samples.jsonl" for name, run in runs.items()}
    trained = [
        _training("fine-tuning", "sft.train", "sft_quickstart", runs["sft"]),
        _training("GRPO from there", "rl.grpo", "grpo_quickstart", runs["sft_grpo"], _policy(runs["sft"])),
    ]
    asked = [
        Stage(f"answers of {name}", "eval.generate", _asking(run, questions, samples[name]))
        for name, run in runs.items()
    ]
    scored = Stage("execution and judgement", "eval.score", ("--samples", *map(str, samples.values())))
    compared = (f"SFT={samples['sft']}", f"SFT+GRPO={samples['sft_grpo']}", "--tables", "--output", str(output))
    return [*trained, *asked, scored, Stage("head-to-head", "eval.head_to_head", compared)]


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if given.questions < 1:
        raise ConfigError(f"--questions is {given.questions}; it must be at least 1")
    told, begun = "", time.monotonic()
    each = stages(given.output, given.questions)
    try:
        for number, stage in enumerate(each, 1):
            told = run(stage, f"{number}/{len(each)}", given.output / f"log/{number}_{stage.module}.txt")
    except KeyboardInterrupt:
        print(f"\nstopped; what is done is in {given.output}, and the same command goes on with it", file=sys.stderr)
        raise SystemExit(130) from None
    print(f"\n{told.strip()}\n\nfrom nothing to this in {minutes(time.monotonic() - begun)}")


def _training(what: str, module: str, config: str, run: Path, more: tuple[str, ...] = ()) -> Stage:
    resume = ("--resume",) if (run / "config.yaml").is_file() else ()
    words = ("--config", _config(config), "--output_dir", str(run), *more, *resume)
    return Stage(what, module, words)


def _config(name: str) -> str:
    """As it is typed where the command is given in the repository, else its whole path."""
    file = ROOT / f"configs/{name}.yaml"
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _policy(run: Path) -> tuple[str, ...]:
    return "--model_name_or_path", str(run / "policy")


def _asking(run: Path, questions: int, samples: Path) -> tuple[str, ...]:
    return "--policy", str(run), "--task", TASK, "--limit", str(questions), "--output", str(samples)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
