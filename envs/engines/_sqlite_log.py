"""SQLite's write-ahead log (https://sqlite.org/wal.html): part of a database may stand in a file beside it."""

from pathlib import Path

from envs.engines import NoDatabase


def check_whole(path: str) -> None:
    """Raises `NoDatabase` where changes stand in the log, which a file that is opened as immutable does not read."""
    log = Path(f"{path}-wal")
    try:
        size = log.stat().st_size
    except OSError:  # there is none, or a sandbox does not let it be seen
        return
    if size:
        raise NoDatabase(
            f"{path} is not whole: {log.name} beside it holds changes that were not written into it. Close the program "
            f'that has it open, or write them: sqlite3 {path} "PRAGMA wal_checkpoint(TRUNCATE)"'
        )
