"""Execute and judge every completion in files of samples, and count every reward; no model, no GPU.

    python -m eval.score --samples runs/NAME/eval/samples.jsonl
    python -m eval.score --samples samples.jsonl --output strict.jsonl --twins --workers 8
    python -m eval.score --samples runs/theirs/*/samples.jsonl --suite data/spider/testsuite

Task, split and data are those that the samples name. One line a question is appended to --output in the order of the
samples (default: beside them, with "scores" in the name); the same command goes on where it was left, to the same
bytes. Every comparison's verdict is kept. Questions whose gold cannot grade an answer are named, and their completions
stay unscored, but for what the official evaluators say of them all the same. --suite asks for test-suite accuracy.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from envs.progress import progress
from envs.sentence_parser import SentenceParser
from envs.sql_env import SqlEnv
from envs.verdict import Mode
from eval.predictions.labels import agreement
from eval.score_table import table
from eval.scoring import Asked, keys, questions, samples_of, scored, scores_beside
from eval.suite import Suite
from policy.config_error import ConfigError, exit_with_sentence
from policy.questions import environment
from policy.scores import append, finished, read, row
from policy.sole_run import hold_output
from policy.task_fields import TaskFields

SHOWN = 20
"""Reasons for which questions are ungradable that are told on the console."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.score",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, nargs="+", type=Path, metavar="FILE", help="what python -m eval.generate wrote")
    add("--output", type=Path, metavar="FILE", help="of one file of samples (default: beside each)")
    add("--twins", action="store_true", help="try right answers on fuzzed copies of their database too")
    add("--suite", type=Path, metavar="FOLDER", help="try every answer on FOLDER/DB_ID/*.sqlite too")
    add("--comparison", choices=get_args(Mode), default="strict", help="the verdict that counts (default strict)")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--workers", type=int, default=2, metavar="N", help="processes that execute SQL (default 2)")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if given.workers < 1:
        raise ConfigError(f"--workers is {given.workers}; it must be at least 1")
    if given.output and len(given.samples) > 1:
        raise ConfigError(f"--output names one file, and there are {len(given.samples)} of samples; leave it out")
    files = {file: samples_of(file) for file in given.samples}
    named = next(iter(files.values()))[1]
    if other := [file for file, (_, about) in files.items() if about != named]:
        raise ConfigError(f"{other[0]} answers {files[other[0]][1]}, and {given.samples[0]} {named}: score them apart")
    for file in files:
        if not file.read_bytes().endswith(b"\n"):
            print(f"the last line of {file} is not whole yet and is left for later", flush=True)
    outputs = {file: given.output or scores_beside(file) for file in files}
    for output in outputs.values():
        if output.is_dir():
            raise ConfigError(f"--output is {output}, a folder; name a file")
    fields = TaskFields(
        task=named["task"],
        task_path=given.task_path or named["task_path"],
        comparison=given.comparison,
        twins=given.twins,
        sandbox_workers=given.workers,
    )
    examples = questions(
        fields, named["split"], list(dict.fromkeys(name for asked, _ in files.values() for name, _ in asked))
    )
    with ExitStack() as opened:
        suite = opened.enter_context(Suite(given.suite, examples, given.workers)) if given.suite else None
        judged = {"comparison": given.comparison, "twins": given.twins, "suite": suite and suite.fingerprint}
        done: dict[Path, int] = {}
        for file, (asked, _) in files.items():
            hold_output(outputs[file], "scoring")
            done[file] = finished(outputs[file], asked, judged)
        env = opened.enter_context(environment(fields, examples, fingerprints=True))
        why_not = dict(env.admit().quarantined)
        if suite:  # of all files together: golds run once, and what several systems wrote runs once
            suite.learn([one for file, (asked, _) in files.items() for one in keys(asked[done[file] :])])
        for file, (asked, _) in files.items():
            _score(env, suite, asked, done[file], why_not, outputs[file], judged)
    reasons: dict[str, list[str]] = {}
    for example, reason in why_not.items():
        reasons.setdefault(reason, []).append(example)
    for reason, some in list(reasons.items())[:SHOWN]:
        print(f"ungradable: {some[0]}{f' and {len(some) - 1:,} others' if some[1:] else ''}, {reason}")
    if why_not:
        print(f"{len(why_not):,} of {len(examples):,} questions cannot grade an answer and are left unscored")
    if suite and suite.lacking:
        print(f"{len(suite.lacking):,} schemas have no suite, such as {suite.lacking[0]}")
    found = {str(file): read(file, outputs[file], growing=True) for file in files}
    print(table(found))
    if told := agreement(found):
        print(f"\n{told}")


def _score(
    env: SqlEnv,
    suite: Suite | None,
    asked: Sequence[Asked],
    done: int,
    why_not: dict[str, str],
    output: Path,
    judged: dict[str, Any],
) -> None:
    """Append what is not there yet. Raises ConfigError where the disk refuses."""
    say = progress()
    for number, scores in enumerate(scored(env, asked, done, why_not, suite), done):
        try:
            append(output, row(*asked[number], [asdict(score) for score in scores], judged))
        except OSError as error:
            raise ConfigError(
                f"{output} cannot be written ({error.strerror}); it holds {number:,} questions, and once that is "
                "mended the same command goes on"
            ) from error
        say(f"scored {number + 1:,} of {len(asked):,} questions")
    print(f"{len(asked) - done:,} questions scored now, {done:,} before: {output}", flush=True)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
