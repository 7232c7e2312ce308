"""The methods' table: finished runs of any training command side by side, made from their folders alone.

    python -m eval.table runs/*
    python -m eval.table runs/sft_seedling_* runs/grpo_seedling --json methods.json

A row a run of sft.train, rl.dpo, rl.grpo, rl.rloo or rl.reward_model. What is no finished run is named below with the
reason, and left out. No model is loaded and nothing is executed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from policy.finished_run import FinishedRun, finished_run
from policy.runs_table import table


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.table",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    described.add_argument("runs", type=Path, nargs="+", metavar="FOLDER", help="the folders of runs")
    described.add_argument("--json", type=Path, metavar="FILE", help="write every number there as well")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    found, skipped = read(given.runs)
    if not found:
        raise ConfigError(f"none of the {len(given.runs):,} is a finished run: {'; '.join(skipped.values())}")
    print(table(found))
    for why in skipped.values():
        print(f"skipped: {why}")
    if given.json:
        told = {"runs": [asdict(one) for one in found], "skipped": skipped}
        try:
            given.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"--json {given.json} cannot be written ({error.strerror}); name another") from error


def read(folders: Sequence[Path]) -> tuple[list[FinishedRun], dict[str, str]]:
    """The finished runs among the folders, each once, and of every other path why it is none."""
    found: list[FinishedRun] = []
    skipped: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        try:
            found.append(finished_run(folder))
        except ConfigError as error:
            skipped[str(folder)] = str(error)
    return found, skipped


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
