"""What becomes of the completions in a file of samples: their questions found, each batch executed and judged."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from envs import tasks
from envs.completion import find_sql
from envs.example import Example
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from eval.suite import Suite
from policy.config_error import ConfigError
from policy.sample_lines import lines, told
from policy.scores import Score
from policy.task_fields import TaskFields, task_can_be_asked

BATCH = 64
"""Questions judged at a time. Fixed: the engine's message may be that of a query of like style in the same batch."""
SAME = ("task", "task_path", "split")
"""What all lines of a file must agree on."""

Asked = tuple[str, tuple[str, ...]]
"""A question's id and the completions to it."""


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
    """`samples_dev.jsonl` -> `scores_dev.jsonl`, and `dev.jsonl` -> `dev_scores.jsonl`, in the same folder. Raises
    ConfigError where there are no samples."""
    if not samples.is_file():
        raise ConfigError(f"there is no file of samples at {samples}; python -m eval.generate writes one")
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


def scored(
    env: SqlEnv, asked: Sequence[Asked], done: int, why_not: dict[str, str], suite: Suite | None = None
) -> Iterator[list[Score]]:
    """What became of the completions of each question after the first `done`. Batches are judged whole wherever a run
    was left, so that the same is said of each."""
    for start in range(done - done % BATCH, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        env.forget()
        played = env.play_batch([(example, text) for example, texts in batch for text in texts])
        on_all = suite.verdicts([_key(one) for one in played]) if suite else {}
        rollouts = iter(played)
        for number, (example, texts) in enumerate(batch, start):
            some = [next(rollouts) for _ in texts]
            if number >= done:
                yield [Score.of(one, why_not.get(example, ""), on_all.get(_key(one))) for one in some]


def keys(asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """Example and query of every completion."""
    return [(example, find_sql(text)) for example, texts in asked for text in texts]


def _key(rollout: Rollout) -> tuple[str, str]:
    return rollout.example.id, rollout.sql
