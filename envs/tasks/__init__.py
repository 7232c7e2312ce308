"""Tasks: datasets as this lab sees them. One task a file; the file list is the registry.

A task file `envs/tasks/NAME.py` defines `load(split, path) -> list[Example]`, with `split` one of train, validation,
test, and `path` the user's `task_path` (None where the task needs none). Splits share no database. It raises
`ValueError` or `FileNotFoundError` with a sentence for the person at the keyboard.
"""

from importlib import import_module
from pathlib import Path
from typing import Literal

from envs.example import Example

Split = Literal["train", "validation", "test"]
NAMES = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if f.stem != "__init__")


def load(name: str, split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split of a task, in a fixed order."""
    if name not in NAMES:
        raise ValueError(f"no task named {name!r}; envs/tasks/ has: {', '.join(NAMES)}")
    examples: list[Example] = import_module(f"envs.tasks.{name}").load(split, path)
    return examples
