"""Execute and judge every completion of a file of samples, and count every reward; no model, no GPU.

    python -m eval.score --samples runs/NAME/eval/samples.jsonl
    python -m eval.score --samples samples.jsonl --output strict.jsonl --twins --workers 8

Task, split and data are those that the samples name. One line a question is appended to --output in the order of the
samples (default: beside them, with "scores" in the name); the same command goes on where it was left, to the same
bytes. Questions whose gold cannot grade an answer are named, and their completions stay unscored.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from envs import tasks
from envs.example import Example
from envs.progress import progress
from envs.sql_env import SqlEnv
from envs.verdict import Mode
from policy.config_error import ConfigError, exit_with_sentence
from policy.questions import environment
from policy.sample_lines import lines, told
from policy.scores import Score, append, finished, row
from policy.sole_run import stay_alone_in
from policy.task_fields import TaskFields, task_can_be_asked

BATCH = 64
"""Questions judged at a time. Fixed: the engine's message may be that of a query of like style in the same batch."""
SHOWN = 20
"""Ungradable questions that are named on the console."""
SAME = ("task", "task_path", "split")
"""What all lines of a file must agree on."""

Asked = tuple[str, tuple[str, ...]]
"""A question's id and the completions to it."""


def parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m eval.score",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, type=Path, metavar="FILE", help="what python -m eval.generate wrote")
    add("--output", type=Path, metavar="FILE", help="default: beside the samples")
    add("--twins", action="store_true", help="try right answers on fuzzed copies of their database too")
    add("--comparison", choices=get_args(Mode), default="strict", help="the verdict that counts (default strict)")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--workers", type=int, default=2, metavar="N", help="processes that execute SQL (default 2)")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if given.workers < 1:
        raise ConfigError(f"--workers is {given.workers}; it must be at least 1")
    asked, named = samples_of(given.samples)
    if not given.samples.read_bytes().endswith(b"\n"):
        print(f"the last line of {given.samples} is not whole yet and is left for later", flush=True)
    fields = TaskFields(
        task=named["task"],
        task_path=given.task_path or named["task_path"],
        comparison=given.comparison,
        twins=given.twins,
        sandbox_workers=given.workers,
    )
    output = given.output or scores_beside(given.samples)
    if output.is_dir():
        raise ConfigError(f"--output is {output}, a folder; name a file")
    judged = {"comparison": given.comparison, "twins": given.twins}
    examples = questions(fields, named["split"], [example for example, _ in asked])
    prepare(output)
    done = finished(output, asked, judged)
    with environment(fields, examples, fingerprints=True) as env:
        why_not = dict(env.admit().quarantined)
        say = progress()
        for number, scores in enumerate(scored(env, asked, done, why_not), done):
            try:
                append(output, row(*asked[number], [asdict(score) for score in scores], judged))
            except OSError as error:
                raise ConfigError(
                    f"{output} cannot be written ({error.strerror}); it holds {number:,} questions, and once that is "
                    "mended the same command goes on"
                ) from error
            say(f"scored {number + 1:,} of {len(asked):,} questions")
    for example, reason in list(why_not.items())[:SHOWN]:
        print(f"ungradable: {example}, {reason}")
    if why_not:
        print(f"{len(why_not):,} of {len(asked):,} questions cannot grade an answer and are left unscored")
    print(f"{len(asked) - done:,} questions scored now, {done:,} before: {output}")


def prepare(output: Path) -> None:
    """A file to append to, this process alone in it. Raises ConfigError where it cannot be."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.open("ab").close()
        stay_alone_in(output)
    except OSError as error:
        raise ConfigError(f"--output {output} cannot be written ({error.strerror}); name another") from error
    except ConfigError:
        raise ConfigError(f"another process is scoring into {output}: wait for its end, or stop it") from None


def samples_of(path: Path) -> tuple[list[Asked], dict[str, Any]]:
    """Every question of a file of samples with its completions, and the task that they answer; a last line that is
    still being written is left out. Raises ConfigError where the file is none, or is of two tasks."""
    if not path.is_file():
        raise ConfigError(f"there are no samples at {path}; python -m eval.generate writes them")
    asked: dict[str, tuple[str, ...]] = {}
    named: dict[str, Any] = {}
    rows = lines(path, "python -m eval.generate writes it", path.read_bytes().rfind(b"\n") + 1)
    for number, found in enumerate(rows, 1):
        try:
            told(path, found)
            example, texts = found["example"], tuple(one["text"] for one in found["completions"])
            about = {key: found[key] for key in SAME}
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{path} line {number} is no sample of this lab's ({error!r})") from error
        if named and about != named:
            raise ConfigError(f"{path} line {number} answers {about}, and the lines before it {named}: split the file")
        if example in asked:
            raise ConfigError(f"{path} line {number} answers {example} once more: split the file")
        named, asked[example] = about, texts
    if not asked:
        raise ConfigError(f"{path} holds no samples")
    return list(asked.items()), named


def scores_beside(samples: Path) -> Path:
    """`samples_dev.jsonl` -> `scores_dev.jsonl`, and `dev.jsonl` -> `dev_scores.jsonl`, in the same folder."""
    name = samples.name
    return samples.with_name(
        name.replace("samples", "scores") if "samples" in name else f"{samples.stem}_scores{samples.suffix}"
    )


def questions(fields: TaskFields, split: str, ids: Sequence[str]) -> list[Example]:
    """The examples of these ids, in their order. Raises ConfigError where the task has not all of them."""
    if why := task_can_be_asked(fields):
        raise ConfigError(why)
    try:
        found = {example.id: example for example in tasks.load(fields.task, split, fields.task_path)}  # pyright: ignore
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {fields.task} cannot be loaded: {error}") from error
    if missing := [example for example in ids if example not in found]:
        raise ConfigError(
            f"the {split} split of task {fields.task} has no {missing[0]} ({len(missing):,} of {len(ids):,} questions "
            "are missing): the samples are of other data; name theirs with --task_path"
        )
    return [found[example] for example in ids]


def scored(env: SqlEnv, asked: Sequence[Asked], done: int, why_not: dict[str, str]) -> Iterator[list[Score]]:
    """What became of the completions of each question after the first `done`. Batches are judged whole wherever a run
    was left, so that the same is said of each."""
    for start in range(done - done % BATCH, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        env.forget()
        rollouts = iter(env.play_batch([(example, text) for example, texts in batch for text in texts]))
        for number, (example, texts) in enumerate(batch, start):
            scores = [Score.of(next(rollouts), why_not.get(example, "")) for _ in texts]
            if number >= done:
                yield scores


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
