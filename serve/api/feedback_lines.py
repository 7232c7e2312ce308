"""A file of JSON lines that several processes append to: a line is there whole or not at all, and stays."""

import json
import os
from contextlib import suppress
from fcntl import LOCK_EX, flock
from io import FileIO
from pathlib import Path
from typing import Any

BEGINS = b'{"id": "'
"""How every line of ours does."""


def append(file: Path, row: dict[str, Any]) -> None:
    """On the disk when it returns. Raises OSError where the disk takes nothing, or not all of it; then none is there,
    so that the next line is no half of two."""
    left = memoryview(json.dumps(row).encode("ascii") + b"\n")
    with _held(file) as opened:
        before = opened.seek(0, os.SEEK_END)
        try:
            while left:
                left = left[opened.write(left) :]
            os.fsync(opened.fileno())
        except OSError:
            with suppress(OSError):
                opened.truncate(before)
            raise


def mend(file: Path) -> None:
    """Make the file where there is none, and take off a last line that a killed process did not end. Raises OSError,
    and ValueError where it ends in something that is no line of ours: nothing of that is taken off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _held(file) as opened:
        opened.seek(0)
        text = opened.readall()
        last = text[text.rfind(b"\n") + 1 :]
        if not BEGINS.startswith(last[: len(BEGINS)]):
            raise ValueError(f"{file} ends in what is no line of feedback")
        if not last:
            return
        try:
            json.loads(last)
        except ValueError:
            opened.truncate(len(text) - len(last))
        else:  # an editor took off the end of the line
            opened.write(b"\n")


def _held(file: Path) -> FileIO:
    """Nobody else writes to it until it is closed, where the file system knows locks."""
    opened = FileIO(file, "a+", opener=lambda path, flags: os.open(path, flags, 0o600))
    with suppress(OSError):
        flock(opened, LOCK_EX)
    return opened
