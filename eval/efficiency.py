"""VES and R-VES: how fast right answers are beside their golds (BIRD), and how far that can be believed.

    python -m eval.efficiency --samples samples.jsonl
    python -m eval.efficiency --samples samples.jsonl --repeats 20 --output elsewhere.jsonl

Each answer that BIRD's rule calls right runs in turns with its gold in the sandbox, one at a time and one process; a
wrong one counts 0. Times go into efficiency.jsonl beside the samples, a line a question, and the same command goes on
where it was left; python -m eval.measure reads them. Nothing else should run on the machine meanwhile: what is printed
says how much the ratios spread, how many R-VES rewards that leaves open, and what golds score beside themselves.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.example import Example
from envs.execution import Limits
from envs.progress import progress
from envs.sandbox import Job, Sandbox
from envs.sentence_parser import SentenceParser
from eval.efficiency_told import told
from eval.scoring import questions, scores_beside
from eval.times import Timed, Times, read, times_beside, worth_timing, write
from policy.config_error import ConfigError, exit_with_sentence
from policy.scores import Score, Scored
from policy.scores import read as read_scores
from policy.sole_run import hold_output
from policy.task_fields import TaskFields

LIMITS = Limits(seconds=30.0, rows=1_000_000)
"""Of one run: the official evaluation gives each 30 s, and rows no limit."""
REPEATS = 100
"""As mini-dev's evaluation_ves.py."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.efficiency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, type=Path, metavar="FILE", help="what a policy wrote")
    add("--scores", type=Path, metavar="FILE", help="of the samples (default: beside them)")
    add("--repeats", type=int, default=REPEATS, metavar="N", help=f"runs of each query (default {REPEATS})")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--output", type=Path, metavar="FILE", help="default: efficiency.jsonl beside the samples")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if given.repeats < 1:
        raise ConfigError(f"--repeats is {given.repeats}; it must be at least 1")
    scored = read_scores(given.samples, given.scores or scores_beside(given.samples))
    if not scored:
        raise ConfigError(f"{given.samples} holds no samples")
    output = given.output or times_beside(given.samples)
    hold_output(output, "timing")
    found = read(output, scored, given.repeats, resume=True)
    facts = scored[0].facts
    fields = TaskFields(task=facts["task"], task_path=given.task_path or facts["task_path"])
    examples = questions(fields, facts["split"], [one.example for one in scored])
    say = progress()
    with Sandbox(1, LIMITS) as sandbox:
        sandbox.allow({example.database for example in examples})
        for number, (one, example) in enumerate(zip(scored, examples, strict=True), 1):
            if one.example not in found:
                found[one.example] = [_timed(sandbox, example, score, given.repeats) for score in one.scores]
                _append(output, one, given.repeats, found[one.example])
            say(f"timed {number:,} of {len(scored):,} questions")
    print(told(scored, found))
    print(f"times are in {output}")


def _timed(sandbox: Sandbox, example: Example, score: Score, repeats: int) -> Timed:
    if not worth_timing(score):
        return None
    try:
        answer, gold = sandbox.times(Job(example.database, example.gold_sql, example.dialect, [score.sql]), repeats)
    except ValueError as error:
        return f"not timed: {error}"
    return Times(tuple(answer), tuple(gold))


def _append(output: Path, one: Scored, repeats: int, timed: Sequence[Timed]) -> None:
    try:
        write(output, one, repeats, timed)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error.strerror}); the same command goes on then") from error


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
