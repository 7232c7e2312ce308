"""The lines of `samples.jsonl` and `scores.jsonl`, read and checked. Imports no torch."""

import json
import math
from pathlib import Path
from typing import Any

from policy.config_error import ConfigError

OTHER = "give another --output, or delete that file"


def lines(path: Path, fix: str, most: int | None = None) -> list[dict[str, Any]]:
    """The objects of a file of lines that name their `example`, of its first so many bytes. Raises ConfigError."""
    if not path.is_file():
        raise ConfigError(f"there is no file at {path}; {fix}")
    try:
        whole = path.read_bytes()[:most].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); {fix}") from error
    found: list[dict[str, Any]] = []
    for number, text in enumerate(whole.removesuffix("\n").split("\n") if whole else [], 1):
        try:
            found.append(json.loads(text))
            if not isinstance(found[-1]["example"], str):
                raise TypeError("its example is no text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(f"{path} line {number} is not what {fix.split()[2]} writes ({error!r})") from error
    return found


def whole_lines(path: Path, schema: int, what: str) -> int:
    """How many bytes of the file are whole lines. Raises ConfigError where it ends in what is no line that begins as
    ours do (`schema`, `example`), cut or not: then it is somebody else's, and nothing of it is taken off."""
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    begins = json.dumps({"schema": schema, "example": ""}).encode()[:-3]
    if not begins.startswith(text[whole:][: len(begins)]):
        raise ConfigError(f"{path} ends in what is no line of {what}: {OTHER}")
    return whole


def cut(path: Path, whole: int) -> None:
    """Take off the file what comes after so many bytes."""
    if path.stat().st_size > whole:
        with path.open("r+b") as file:
            file.truncate(whole)


def cut_torn_line(path: Path) -> None:
    """Take off a last line that a killed process did not end."""
    cut(path, path.read_bytes().rfind(b"\n") + 1)


def told(path: Path, line: dict[str, Any]) -> None:
    """Raises ConfigError where a line of samples says something that no policy wrote."""
    example = line["example"]
    for key in ("task", "split", "prompt"):
        if not isinstance(line.get(key), str):
            raise ConfigError(f"{path}: {key} of {example} is {line.get(key)!r}, and text is needed")
    if not isinstance(line.get("task_path"), str | None):
        raise ConfigError(f"{path}: task_path of {example} is {line['task_path']!r}; a path or null is needed")
    for number, one in enumerate(line["completions"], 1):
        if not isinstance(one["text"], str):
            raise ConfigError(f"{path}: the text of completion {number} of {example} is {str(one['text'])[:60]!r}")
        for key in ("logprob_sum", "tokens"):
            if one[key] is not None and (type(one[key]) not in (int, float) or not math.isfinite(one[key])):
                raise ConfigError(f"{path}: {key} of completion {number} of {example} is {one[key]!r}; no number")
