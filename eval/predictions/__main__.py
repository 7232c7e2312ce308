"""Predictions made elsewhere, as samples that eval.score, eval.select and eval.head_to_head read.

    python -m eval.predictions predict.txt --task spider --task_path data/spider --output runs/theirs/samples.jsonl
    python -m eval.predictions predict_dev.json --task bird --task_path data/bird --output runs/theirs/samples.jsonl
    python -m eval.predictions all.jsonl --task jsonl --task_path q.jsonl --by system --output runs/theirs/samples.jsonl
    python -m eval.predictions said.json --databases data/dev_databases --label is_correct --output runs/x/samples.jsonl

Spider's text, BIRD's JSON, or rows (JSONL, JSON, CSV, Parquet) with the SQL in a column. With --by every system has a
folder of its own beside --output (runs/theirs/SYSTEM/samples.jsonl). A question without a prediction is answered with
nothing, which is wrong: denominators stay those of the split (--answered keeps to the questions that any system
answered). With --databases the questions are the file's own (question, gold, db_id), and are written to questions.jsonl
beside the samples. A --label is what the file says of its predictions, and eval.score tells how far it agrees with
that. Nothing is executed here.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from envs import tasks
from envs.sentence_parser import SentenceParser
from envs.tasks import Split
from eval.predictions.answers import Answers, column_of, together
from eval.predictions.formats import FORMATS, Predicted, format_of, read_as
from eval.predictions.own_questions import own_questions
from eval.predictions.written import samples, write
from policy.config_error import ConfigError, exit_with_sentence
from policy.task_fields import TaskFields, task_can_be_asked


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.predictions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("file", type=Path, metavar="FILE", help="what somebody's system wrote")
    source = described.add_mutually_exclusive_group(required=True)
    source.add_argument("--task", metavar="T", help=f"one of {', '.join(tasks.NAMES)}")
    source.add_argument(
        "--databases", type=Path, metavar="D", help="the questions are FILE's own, databases in D/DB_ID/"
    )
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), default="test", help="of the task (default test)")
    add("--format", choices=FORMATS, help="default: by the file's name and first character")
    add("--column", metavar="C", help="with the SQL (default: sql, pred, prediction, predicted_sql and the like)")
    add("--by", metavar="C", help="column that names the system, where the file has several")
    add("--id", metavar="C", help="column that names the question both here and in the file that --task_path is")
    add("--label", nargs="+", default=[], metavar="C", help="columns that say whether a prediction is right")
    add(
        "--repeated",
        choices=("first", "last"),
        help="of several answers to one question, as a run that was resumed has",
    )
    add("--answered", action="store_true", help="leave out questions that no system answered")
    add("--name", metavar="N", help="of the system, where the file has one (default: the file's)")
    add("--output", required=True, type=Path, metavar="FILE", help="the samples")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    try:
        predicted = read_as(given.file, given.format or format_of(given.file), given.column)
        if given.databases:
            predicted = _of_its_own(predicted, given)
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from error
    if told := task_can_be_asked(TaskFields(task=given.task, task_path=given.task_path)):
        raise ConfigError(told)
    try:
        examples = tasks.load(given.task, given.split, given.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {given.task} cannot be loaded: {error}") from error
    if given.id and not Path(given.task_path or "").is_file():
        raise ConfigError(f"--id {given.id} looks into the file of questions; give that file as --task_path")
    column = column_of(given.id, Path(given.task_path), examples) if given.id else None
    found = together(predicted, examples, given.by, given.name or given.file.stem, column, given.repeated)
    answered = {name for some in found.systems.values() for name in some}
    asked = [one for one in examples if one.id in answered or not given.answered]
    for name, answers in found.systems.items():
        file = given.output.parent / _folder(name) / given.output.name if given.by else given.output
        try:
            text = samples(name, answers, asked, given.task, given.task_path, given.split, given.label)
        except ValueError as error:
            raise ConfigError(str(error)) from error
        write(file, text, "samples")
        lacking = sum(one.id not in answers for one in asked)
        told = f"{name}: {len(answers):,} questions answered"
        print(told + (f", {lacking:,} not, which counts as wrong: {file}" if lacking else f": {file}"))
    _say(found, len(examples) - len(asked))


def _of_its_own(predicted: Sequence[Predicted], given: argparse.Namespace) -> list[Predicted]:
    """The predictions with the places of their questions, which are written and become the task. Raises ConfigError or
    ValueError."""
    if other := [f"--{key}" for key in ("task_path", "id") if getattr(given, key)]:
        raise ConfigError(f"{other[0]} is about a task's questions, and with --databases they are the file's own")
    if not given.databases.is_dir():
        raise ConfigError(f"--databases is {given.databases}, which is no folder; it holds DB_ID/DB_ID.sqlite")
    rows = [one.row for one in predicted if one.row is not None]
    if len(rows) < len(predicted) or not rows:
        raise ConfigError(f"{given.file} is not of rows with question, gold and db_id; name their --task")
    text, places = own_questions(rows, given.databases)
    file = given.output.parent / "questions.jsonl"
    write(file, text, "questions")
    given.task, given.task_path, given.split = "jsonl", str(file.resolve()), "test"
    return [replace(one, place=place) for one, place in zip(predicted, places, strict=True)]


def _say(found: Answers, left_out: int) -> None:
    if found.unknown:
        print(f"{found.unknown:,} predictions are for questions that the split has not, such as {found.first_unknown}")
    if found.left_out:
        print(f"{found.left_out:,} predictions are left out: --repeated takes one for each question")
    if left_out:
        print(f"{left_out:,} questions of the split were answered by nobody and are left out")


def _folder(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "system"


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
