"""One process at a time in a search's folder, for what all of them write: the plan, a database's tables, the report."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits for its turn. Where a file system knows no locks, nobody is waited for."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "search.lock").open("w") as lock:
        with suppress(OSError):
            flock(lock, LOCK_EX)
        yield
