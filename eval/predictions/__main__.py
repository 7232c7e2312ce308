"""Predictions made elsewhere, as samples that eval.score, eval.select and eval.head_to_head read.

    python -m eval.predictions predict.txt --task spider --task_path data/spider --output runs/theirs/samples.jsonl
    python -m eval.predictions predict_dev.json --task bird --task_path data/bird --output runs/theirs/samples.jsonl
    python -m eval.predictions all.jsonl --task jsonl --task_path q.jsonl --by system --output runs/theirs/samples.jsonl

Spider's text, BIRD's JSON, or rows (JSONL, JSON, CSV, Parquet) with the SQL in a column. With --by every system has a
folder of its own beside --output (runs/theirs/SYSTEM/samples.jsonl). A question without a prediction is answered with
nothing, which is wrong: denominators stay those of the split (--answered keeps to the questions that any system
answered). Nothing is executed here.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from envs import tasks
from envs.example import Example
from envs.tasks import Split
from eval.predictions.answers import Answers, column_of, together
from eval.predictions.formats import FORMATS, format_of, read_as
from policy.config_error import ConfigError, exit_with_sentence
from policy.run_folder import write_whole
from policy.samples import Completion, Head, line
from policy.task_fields import TaskFields, task_can_be_asked


def parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m eval.predictions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("file", type=Path, metavar="FILE", help="what somebody's system wrote")
    add("--task", required=True, metavar="T", help=f"one of {', '.join(tasks.NAMES)}")
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), default="test", help="of the task (default test)")
    add("--format", choices=FORMATS, help="default: by the file's name and first character")
    add("--column", metavar="C", help="with the SQL (default: sql, pred, prediction, predicted_sql and the like)")
    add("--by", metavar="C", help="column that names the system, where the file has several")
    add("--id", metavar="C", help="column that names the question both here and in the file that --task_path is")
    add("--answered", action="store_true", help="leave out questions that no system answered")
    add("--name", metavar="N", help="of the system, where the file has one (default: the file's)")
    add("--output", required=True, type=Path, metavar="FILE", help="the samples")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if told := task_can_be_asked(TaskFields(task=given.task, task_path=given.task_path)):
        raise ConfigError(told)
    try:
        examples = tasks.load(given.task, given.split, given.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {given.task} cannot be loaded: {error}") from error
    try:
        predicted = read_as(given.file, given.format or format_of(given.file), given.column)
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from error
    if given.id and not Path(given.task_path or "").is_file():
        raise ConfigError(f"--id {given.id} looks into the file of questions; give that file as --task_path")
    column = column_of(given.id, Path(given.task_path), examples) if given.id else None
    found = together(predicted, examples, given.by, given.name or given.file.stem, column)
    answered = {name for some in found.systems.values() for name in some}
    asked = [one for one in examples if one.id in answered or not given.answered]
    for name, answers in found.systems.items():
        file = given.output.parent / _folder(name) / given.output.name if given.by else given.output
        _write(file, name, answers, asked, given)
        lacking = sum(one.id not in answers for one in asked)
        told = f"{name}: {len(answers):,} questions answered"
        print(told + (f", {lacking:,} not, which counts as wrong: {file}" if lacking else f": {file}"))
    _say(found, len(examples) - len(asked))


def _say(found: Answers, left_out: int) -> None:
    if found.unknown:
        print(f"{found.unknown:,} predictions are for questions that the split has not, such as {found.first_unknown}")
    if left_out:
        print(f"{left_out:,} questions of the split were answered by nobody and are left out")


def _write(
    file: Path, name: str, answers: Mapping[str, Sequence[str]], asked: Sequence[Example], given: argparse.Namespace
) -> None:
    """Raises ConfigError where the file is there and says something else, or cannot be written."""
    each = max(map(len, answers.values()))
    digest = hashlib.sha256(json.dumps(answers, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    head = Head(
        policy=name,
        weights=f"predictions:{digest}",
        task=given.task,
        task_path=given.task_path,
        split=given.split,
        prompt="strict",
        chat_template_kwargs=None,
        backend="predictions",
        dtype="",
        samples=each,
        temperature=0.0,
        max_new_tokens=0,
        batch_size=0,
        seed=0,
    )
    rows = (
        line(head, {}, one.id, [Completion(text, None, False, None) for text in answers.get(one.id, [""] * each)])
        for one in asked
    )
    text = "".join(json.dumps(row) + "\n" for row in rows)
    try:
        if file.is_file() and file.read_text(encoding="utf-8") != text:
            raise ConfigError(f"{file} holds other samples; give another --output, or delete it")
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--output {file} cannot be written ({error}); name another") from error


def _folder(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "system"


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
