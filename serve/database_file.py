"""The database somebody names on a command line: which engine reads it, and why it cannot be read."""

from pathlib import Path

from envs.example import Database
from policy.config_error import ConfigError

SQLITE, DUCKDB = b"SQLite format 3\0", b"DUCK"
"""How the files begin (https://sqlite.org/fileformat2.html); DuckDB's mark stands behind a checksum of 8 bytes
(https://duckdb.org/docs/stable/internals/storage)."""
JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""How a rollback journal begins that holds something."""


def database_at(path: str | Path) -> Database:
    """The file, by what stands in it and not by its name. Raises ConfigError with the reason and the fix."""
    try:
        file = Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(f"--database {path} is not there: nobody of that name has a home here") from None
    try:
        if file.is_dir():
            raise ConfigError(f"--database {file} is a folder; name the SQLite or DuckDB file in it")
        if file.exists() and not file.is_file():
            raise ConfigError(f"--database {file} is a pipe or a device; name a file that can be read again")
        with file.open("rb") as opened:
            head = opened.read(16)
    except FileNotFoundError:
        raise ConfigError(f"--database {file} is not there; name a SQLite or DuckDB file") from None
    except OSError as error:
        raise ConfigError(f"--database {file} cannot be read: {error.strerror}") from None
    if head[8:12] == DUCKDB:
        return Database("duckdb", path=str(file.resolve()))
    if head != SQLITE:
        what = "is empty" if not head else "is neither a SQLite nor a DuckDB file"
        raise ConfigError(f"--database {file} {what} (it begins with {head[:8]!r})")
    _at_rest(file)
    return Database("sqlite", path=str(file.resolve()))


def _at_rest(file: Path) -> None:
    """A file is read as it stands, so that nobody's lock is taken: not while somebody is in the middle of a change."""
    try:
        with file.with_name(f"{file.name}-journal").open("rb") as journal:
            begun = journal.read(len(JOURNAL)) == JOURNAL
    except OSError:  # there is none
        return
    if begun:
        raise ConfigError(
            f"--database {file} is in the middle of a change: {file.name}-journal beside it says so. Wait until the "
            "program that writes is done; if it has crashed, open the file once with sqlite3, which takes it back"
        )
