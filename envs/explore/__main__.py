"""What is in a task before anything is trained on it: one page and one JSON file.

python -m envs.explore --task spider --task_path data/spider

Looks at every split that the task has: whether its golds can be scored, what leaks from one split into the next, how
long prompts are, what kind of SQL it is. Writes explore_TASK.html and explore_TASK.json into `--out`. Exit code 2 for
input that cannot be used.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import get_args

from envs import tasks
from envs.example import Example
from envs.explore.facts import Facts
from envs.explore.findings import findings
from envs.explore.measure import Source, measure
from envs.explore.page import page
from envs.explore.tokens import token_counter
from envs.progress import progress
from envs.sandbox import Sandbox
from envs.sandbox.golds import default_folder
from envs.sentence_parser import SentenceParser
from envs.tasks import Split

SPLITS: tuple[Split, ...] = get_args(Split)


def loaded(
    task: str, path: str | None, splits: Sequence[Split], limit: int | None, every: bool
) -> tuple[dict[str, list[Example]], tuple[str, ...]]:
    """Split -> its first `limit` examples, and why splits are missing, which with `every` is an error.

    Raises `ValueError` or `FileNotFoundError` with a sentence.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"--limit {limit} leaves nothing to look at; give 1 or more, or leave it out for all examples")
    found: dict[str, list[Example]] = {}
    missing: list[ValueError] = []
    for split in splits:
        try:
            examples = tasks.load(task, split, path)[:limit]
        except ValueError as error:  # a task need not have every split
            if every:
                raise
            missing.append(error)
            continue
        if examples:
            found[split] = examples
    if not found:
        raise missing[0] if missing else ValueError(f"task {task} is empty")
    return found, tuple(map(str, missing))


def named(given: str | None) -> list[Split]:
    """The splits of a list with commas in the order of `SPLITS`; all of them for None."""
    names = SPLITS if given is None else [name.strip() for name in given.split(",")]
    if unknown := [name for name in names if name not in SPLITS]:
        raise ValueError(f"--splits has no {unknown[0]!r}; choose from {', '.join(SPLITS)}")
    return [name for name in SPLITS if name in names]


def write(facts: Facts, folder: Path) -> tuple[Path, Path]:
    """The page and the JSON, which holds what the page's first sentences say as `findings`; both or, on an OSError,
    neither: what was there before stays."""
    whole = asdict(facts) | {"findings": [found.text for found in findings(facts)]}
    texts = page(facts), json.dumps(whole, ensure_ascii=True, indent=1) + "\n"
    paths = folder / f"explore_{facts.task}.html", folder / f"explore_{facts.task}.json"
    partial = [path.with_name(f".{path.name}.{os.getpid()}.partial") for path in paths]
    try:
        for path, text in zip(partial, texts, strict=True):
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        for path, whole_path in zip(partial, paths, strict=True):
            path.replace(whole_path)
    finally:
        for path in partial:
            path.unlink(missing_ok=True)
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    parser = SentenceParser(prog="python -m envs.explore", description="Look at a task before training on it.")
    parser.add_argument("--task", required=True, choices=tasks.NAMES)
    parser.add_argument("--task_path", help="what the task reads; see its file in envs/tasks/")
    parser.add_argument("--splits", help="some of train,validation,test; default: all that the task has")
    parser.add_argument("--limit", type=int, help="only the first so many examples of each split")
    parser.add_argument("--tokenizer", help="a tokenizer.json or its folder; default: the seedling's")
    parser.add_argument("--out", type=Path, help="folder of the page, else explore/TASK")
    given = parser.parse_args(arguments)
    folder: Path = given.out or Path("explore") / given.task
    try:
        counter = token_counter(given.tokenizer)
        chosen = named(given.splits)
        splits, missing = loaded(given.task, given.task_path, chosen, given.limit, given.splits is not None)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):  # looking takes minutes; that nothing can be kept is better known before
            pass
    except OSError as error:
        parser.error(f"{folder} cannot be the folder of the page: {error}; give another as --out")
    source = Source(given.task, given.task_path or "", given.limit, missing)
    with Sandbox(cache=default_folder()) as sandbox:
        facts = measure(source, splits, sandbox, counter, progress())
    try:
        paths = write(facts, folder)
    except OSError as error:
        parser.error(f"the page cannot be written into {folder}: {error.strerror or error}; give another as --out")
    encoding = sys.stdout.encoding or "utf-8"
    for found in findings(facts):
        print(found.text.encode(encoding, "backslashreplace").decode(encoding))
    for why in missing:
        print(f"Left out: {why}.".encode(encoding, "backslashreplace").decode(encoding))
    print(f"{paths[0]} and {paths[1].name} took {facts.seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
