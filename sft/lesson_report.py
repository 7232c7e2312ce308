"""What a run that mixes lessons keeps and says of them: every lesson as text, and the loss of each kind."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from policy.config_error import ConfigError
from policy.run_folder import RunFolder, write_whole
from sft.data import Lessons
from sft.lessons import TEXT_TO_SQL
from sft.settled_lessons import FILE


def keep(lessons: Lessons, folder: RunFolder) -> None:
    """Write `lessons.jsonl`, a lesson a line in the order of the training set, where a mixture is taught. Raises
    ConfigError where the run began with others."""
    if not lessons.mixed or lessons.part is None:
        return
    rows = ({"lesson": kind} | one.row() for kind, one, _ in lessons.part.kept)
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    file = folder.path / FILE
    if not file.is_file():
        write_whole(file, text)
    elif file.read_text(encoding="utf-8", errors="surrogatepass") != text:
        raise ConfigError(
            f"{file} holds other lessons than were made now: the data changed. Resume with what the run began with, or "
            "start another output_dir"
        )


def losses(history: Sequence[Mapping[str, Any]], lessons: Lessons) -> dict[str, dict[str, float]]:
    """The validation loss of each kind at the first and at the last evaluation; empty where none was made, or where
    one kind alone is taught."""
    found: dict[str, dict[str, float]] = {}
    keys = {TEXT_TO_SQL: "eval_loss"} | {kind: f"eval_{kind}_loss" for kind in lessons.watched}
    for kind, key in keys.items() if lessons.mixed else ():
        told = [float(line[key]) for line in history if key in line]
        if told:
            found[kind] = {"first": told[0], "last": told[-1]}
    return found


def losses_in_words(found: Mapping[str, Mapping[str, float]], lessons: Lessons) -> list[str]:
    """As lines of the report."""
    if not found:
        return []
    counts = {TEXT_TO_SQL: len(lessons.validation)} | {kind: len(some) for kind, some in lessons.watched.items()}
    rows = [f"| {kind} ({counts[kind]:,}) | {one['first']:.4f} | {one['last']:.4f} |" for kind, one in found.items()]
    return ["", "| validation loss | first evaluation | last |", "|---|---:|---:|", *rows, ""]
