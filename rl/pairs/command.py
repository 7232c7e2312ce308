"""What is asked of `python -m rl.pairs`, and whether it can be done."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from envs import tasks
from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from envs.tasks import Split
from envs.verdict import Mode
from policy.config_error import ConfigError
from policy.task_fields import TaskFields, task_can_be_asked
from rl.pairs.pair import Source
from rl.pairs.selection import CHOSEN, GOLDS, REJECTED

SOURCES = ("samples", "corruption", "endpoint", "file")
NEEDS = {"samples": ("samples", "scores"), "corruption": (), "endpoint": ("answers",), "file": ("answers",)}
LABELS: dict[str, Source] = {"samples": "policy", "corruption": "corruption", "endpoint": "endpoint", "file": "file"}
"""What a pair's `source` says of what came from here."""
SELECTS = ("chosen", "rejected", "gold", "within")
GOLD_HELP = "where no other is right (default), as one more right answer, not at all, or as the only one"


def parser(about: str) -> SentenceParser:
    described = SentenceParser(
        prog="python -m rl.pairs",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add(
        "word",
        nargs="?",
        choices=SOURCES,
        metavar="SOURCE",
        help=f"one of {', '.join(SOURCES)}; --source says the same",
    )
    add("--source", choices=SOURCES, help=argparse.SUPPRESS)
    add("--samples", nargs="+", type=Path, metavar="FILE", help="of python -m eval.generate")
    add("--scores", nargs="+", type=Path, metavar="FILE", help="of python -m eval.score, one for each file of samples")
    add(
        "--answers",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="jsonl, json, csv or parquet: SQL that somebody else had",
    )
    add("--verbatim", action="store_true", help="take a file's whole completions, not the SQL in them")
    add("--task", metavar="T", help=f"one of {', '.join(tasks.NAMES)} (samples say it themselves)")
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), help="of the task (default train; samples say it themselves)")
    add("--prompt", choices=STYLES, help="the prompt that the answers are for (default strict; samples say it)")
    add("--comparison", choices=get_args(Mode), help="the verdict that counts (default strict; samples say it)")
    add(
        "--twins",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="try right answers on twins of the database",
    )
    add("--limit", type=int, metavar="N", help="only the first so many questions, shuffled alike every time")
    add("--workers", type=int, default=2, metavar="N", help="processes that execute SQL (default 2)")
    add("--chosen", choices=CHOSEN, help="which right answer (default random)")
    add("--rejected", choices=REJECTED, help="which wrong answer (default random)")
    add("--gold", choices=GOLDS, help=f"the gold as a chosen answer: {GOLD_HELP}")
    add(
        "--within",
        type=float,
        metavar="NATS",
        help="only wrong answers at most so much less likely than the likeliest one of the question",
    )
    add("--each", default="1", metavar="N", help="pairs a question at most, or all (default 1)")
    add("--most_per_database", type=int, metavar="N", help="pairs of one database at most")
    add("--most_per_error", type=int, metavar="N", help="pairs of one error class at most")
    add("--balance", action="store_true", help="no database and no error class more than twice its even share")
    add("--seed", type=int, default=0, help="of what is drawn (default 0)")
    add("--output", type=Path, metavar="FILE", help="the pairs, a .jsonl; the report goes beside it as .md and .json")
    add("--overwrite", action="store_true", help="replace what --output names")
    return described


def asked(argv: Sequence[str], about: str) -> argparse.Namespace:
    """What was typed, checked as far as nothing need be read. Raises ConfigError."""
    found = parser(about).parse_args(argv)
    if found.word and found.source and found.word != found.source:
        raise ConfigError(f"the source is said twice, as {found.word} and as --source {found.source}")
    found.source = found.word or found.source
    if found.source is None:
        raise ConfigError(f"say where answers come from: python -m rl.pairs SOURCE, one of {', '.join(SOURCES)}")
    for name in ("samples", "scores", "answers"):
        given, needed = getattr(found, name) is not None, name in NEEDS[found.source]
        if needed and not given:
            raise ConfigError(f"--{name} is missing: pairs from {found.source} are made of it")
        if given and not needed:
            raise ConfigError(f"--{name} has no use for pairs from {found.source}; leave it out")
    if found.source == "corruption" and (given := [name for name in SELECTS if getattr(found, name) is not None]):
        raise ConfigError(f"--{given[0]} has no use for pairs from corruption, where the gold is chosen: leave it out")
    if found.source != "samples" and found.task is None:
        raise ConfigError(f"--task is missing; envs/tasks/ has {', '.join(tasks.NAMES)}")
    if found.source == "samples" and found.twins is not None:
        raise ConfigError("--twins has no use for samples: their scores say whether twins were tried; score them again")
    for name, least in {"limit": 1, "workers": 1, "most_per_database": 1, "most_per_error": 1, "within": 0}.items():
        if (value := getattr(found, name)) is not None and not value >= least:
            raise ConfigError(f"--{name} is {value}; it must be at least {least}")
    if found.each != "all" and not (found.each.isdecimal() and int(found.each) > 0):
        raise ConfigError(f"--each is {found.each}; it must be at least 1, or all")
    if found.output is None or found.output.suffix != ".jsonl":
        raise ConfigError(f"--output is {found.output}; name a file that ends in .jsonl")
    _is_free(found)
    return found


def _is_free(found: argparse.Namespace) -> None:
    """Raises ConfigError where the pairs or their reports would replace a file unasked, or what they are made of."""
    if len(found.output.name.encode()) > 240 or "\0" in str(found.output):
        raise ConfigError(f"--output is {str(found.output)[:60]!r}..., which can name no file; give a shorter one")
    files = [found.output, *(found.output.with_suffix(suffix) for suffix in (".md", ".json"))]
    read = {file.resolve() for name in ("samples", "scores", "answers") for file in getattr(found, name) or ()}
    for file in files:
        if file.resolve() in read:
            raise ConfigError(f"{file}, which pairs are made of, would be replaced by them; name another --output")
        if file.is_dir():
            raise ConfigError(f"{file} is a folder; name another --output")
        if file.exists() and not found.overwrite:
            raise ConfigError(f"{file} is there already; name another --output, or add --overwrite to replace it")
    there = next(folder for folder in found.output.absolute().parents if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigError(f"--output is {found.output}, and nothing can be written in {there}; name another")


def task_of(found: argparse.Namespace, task: str, path: str | None, comparison: Mode, twins: bool) -> TaskFields:
    """How the golds are judged. Raises ConfigError where the task cannot be asked."""
    fields = TaskFields(task=task, task_path=path, comparison=comparison, twins=twins, sandbox_workers=found.workers)
    if told := task_can_be_asked(fields):
        raise ConfigError(told)
    return fields
