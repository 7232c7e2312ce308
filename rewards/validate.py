"""The admission gate: prove the ruler before anything is measured with it. The gold must win, saying nothing must lose.

python -m rewards.validate --task spider --task_path data/spider --split train --limit 500

Each gold is played as an answer to its own question; those that can measure nobody are quarantined, with the reason.
The rest are played once more as a policy would write them, beside the empty answer and the gold of another question
about the same database. `--out` gets quarantine.jsonl, notes.jsonl and report.html, the same for the same data but for
the seconds in it. Exit code 0 when the ruler is sound, 1 when a kept gold scores below the top or an empty answer wins
(another's gold may win by accident, so those are only listed), 2 for input that cannot be used.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TypeVar, cast, get_args

from envs import tasks
from envs.admission import Admission
from envs.example import Example
from envs.progress import Tell, progress
from envs.prompt import answer
from envs.rollout import Rollout
from envs.sandbox import Sandbox
from envs.sandbox.golds import default_folder
from envs.sentence_parser import SentenceParser
from envs.sql_env import SqlEnv
from envs.tasks import Split
from rewards.admission_page import page
from rewards.admission_report import Cost, Report

SPLITS: tuple[Split, ...] = get_args(Split)
AT_ONCE = 500
"""Examples between two looks at the clock."""
T = TypeVar("T")


def validate(
    examples: Sequence[Example], sandbox: Sandbox, twins: bool = False, tell: Tell = lambda line: None
) -> Report:
    """Admit every gold, then play the three answers to every example kept. `tell` hears how far it is.

    The gold comes last: an answer before it must not change what it is worth.

    Raises `ValueError` when two examples share an id.
    """
    started = monotonic()
    admission = admitted(examples, sandbox, tell)
    env = SqlEnv(admission.kept, sandbox, twins=twins)
    others = another_gold(admission.kept)
    golds: list[Rollout] = []
    empty: list[Rollout] = []
    strangers: list[Rollout] = []
    for done, some in parts(admission.kept):
        tell(f"played {done:,} of {len(admission.kept):,} golds that can be graded")
        asked = [(e.id, other) for e in some if (other := others.get(e.id)) is not None]
        found = env.play_batch(asked + [(e.id, "") for e in some] + [(e.id, text(e)) for e in some])
        strangers += found[: len(asked)]
        empty += found[len(asked) : -len(some)]
        golds += found[-len(some) :]
    cost = Cost.of((rollout.execution.seconds for rollout in golds), monotonic() - started)
    return Report(examples, admission, golds, empty, strangers, twins, cost)


def admitted(examples: Sequence[Example], sandbox: Sandbox, tell: Tell) -> Admission:
    """`SqlEnv.admit`, part by part."""
    found: list[Admission] = []
    for done, some in parts(examples):
        tell(f"admitted {done:,} of {len(examples):,} golds")
        found.append(SqlEnv(some, sandbox).admit())
    return Admission(
        tuple(example for part in found for example in part.kept),
        tuple(pair for part in found for pair in part.quarantined),
        tuple(pair for part in found for pair in part.notes),
    )


def parts(items: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """How many came before, and the next few."""
    return ((start, items[start : start + AT_ONCE]) for start in range(0, len(items), AT_ONCE))


def another_gold(examples: Sequence[Example]) -> dict[str, str]:
    """Example id -> the gold of the next example about the same database whose gold is not the same text."""
    groups: dict[str, list[tuple[Example, str, tuple[str, ...]]]] = {}
    for example in examples:
        groups.setdefault(example.schema_id, []).append((example, text(example), tuple(text(example).split())))
    found: dict[str, str] = {}
    for group in groups.values():
        for i, (example, _, words) in enumerate(group):
            own = {words, *(tuple(gold.split()) for gold in example.other_golds)}
            places = (*range(i + 1, len(group)), *range(i))
            other = next((group[j][1] for j in places if group[j][2] not in own), None)
            if other is not None:
                found[example.id] = other
    return found


def text(example: Example) -> str:
    """The gold as a policy would write it."""
    return answer(example)[0]["content"]


def loaded(task: str, split: str, path: str | None, limit: int | None) -> list[Example]:
    """The first `limit` examples of a split, of every split for "all". Raises `ValueError` or `FileNotFoundError`."""
    if limit is not None and limit < 1:
        raise ValueError(f"--limit {limit} leaves nothing to look at; give 1 or more, or leave it out for all examples")
    found: list[Example] = []
    missing: list[ValueError] = []
    for one in SPLITS if split == "all" else (cast(Split, split),):
        try:
            found += tasks.load(task, one, path)[:limit]
        except ValueError as error:  # a task need not have every split
            missing.append(error)
    if not found:
        raise missing[0] if missing else ValueError(f"the {split} split of task {task} is empty")
    if repeated := [id for id, count in Counter(example.id for example in found).items() if count > 1]:
        raise ValueError(f"two examples have the id {repeated[0]!r}; ids must be unique over the splits looked at")
    for error in missing:
        print(f"left out: {error}", file=sys.stderr)
    return found


def printable(text: str) -> str:
    """`text` as standard output can show it: a gold may hold anything."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = SentenceParser(prog="python -m rewards.validate", description="Prove the ruler of a task.")
    parser.add_argument("--task", required=True, choices=tasks.NAMES)
    parser.add_argument("--task_path", help="what the task reads; see its file in envs/tasks/")
    parser.add_argument("--split", default="all", choices=("all", *SPLITS), help="default: all that the task has")
    parser.add_argument("--limit", type=int, help="only the first so many examples of each split")
    parser.add_argument("--out", type=Path, help="folder of the report, else admission/TASK")
    parser.add_argument("--twins", action="store_true", help="try right answers on fuzzed copies of the database too")
    parser.add_argument("--no_cache", action="store_true", help="run every gold, whatever is known from before")
    given = parser.parse_args(arguments)
    folder: Path = given.out or Path("admission") / given.task
    try:
        examples = loaded(given.task, given.split, given.task_path, given.limit)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"{folder} cannot be the folder of the report: {error}; give another as --out")
    with Sandbox(cache=None if given.no_cache else default_folder()) as sandbox:
        report = validate(examples, sandbox, given.twins, progress())
    report.write(folder)
    which = "all splits" if given.split == "all" else f"{given.split} split"
    what = f"{given.task} {', '.join(filter(None, [given.task_path, which]))}"
    if given.limit:
        what += f", the first {given.limit:,} of each"
    (folder / "report.html").write_text(page(report, what), encoding="utf-8", errors="backslashreplace")
    print(printable(str(report)))
    print(f"quarantine.jsonl, notes.jsonl and report.html are in {folder}")
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
