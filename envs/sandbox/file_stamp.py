"""Which database file is meant, and whether its content is still the same."""

import os
from functools import lru_cache


def file_stamp(path: str | None) -> tuple[str | None, str]:
    """The real path of a file, and what changes when its content does: "" where there is no file."""
    if path is None:
        return None, ""
    try:
        found = os.stat(path)
    except OSError:
        return os.path.abspath(path), ""
    stamp = f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"
    return _real(path, stamp), stamp


@lru_cache(maxsize=10_000)
def _real(path: str, stamp: str) -> str:
    return os.path.realpath(path)
