"""Predictions as the lines of a file of samples."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.example import Example
from eval.predictions.formats import Predicted
from eval.predictions.labels import label
from policy.config_error import ConfigError
from policy.run_folder import write_whole
from policy.samples import Completion, Head, line


def samples(
    name: str,
    answers: Mapping[str, Sequence[Predicted]],
    asked: Sequence[Example],
    task: str,
    task_path: str | None,
    split: str,
    labels: Sequence[str],
) -> str:
    """Of the system `name`, a line a question; what it did not answer is answered with nothing. `labels` are columns
    that say whether a prediction is right. Raises ValueError where one says neither."""
    each = max(map(len, answers.values()))
    texts = {example: [one.text for one in some] for example, some in answers.items()}
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    head = Head(
        policy=name,
        weights=f"predictions:{digest}",
        task=task,
        task_path=task_path,
        split=split,
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
    lines: list[str] = []
    for example in (one.id for one in asked):
        completions = [Completion(text, None, False, None) for text in texts.get(example, [""] * each)]
        row = line(head, {}, example, completions)
        if labels:
            said = [one.row for one in answers.get(example, ())] or [None] * each
            row["labels"] = {column: [one and label(one, column) for one in said] for column in labels}
        lines.append(json.dumps(row) + "\n")
    return "".join(lines)


def write(file: Path, text: str, what: str) -> None:
    """Raises ConfigError where the file is there and says something else, or cannot be written."""
    try:
        if file.is_file() and file.read_text(encoding="utf-8") != text:
            raise ConfigError(f"{file} holds other {what}; give another --output, or delete it")
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"--output {file} cannot be written ({error}); name another") from error
