"""One process at a time in a run's folder: two that write one log leave neither."""

import os
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from policy.config_error import ConfigError

_held: dict[tuple[int, int], int] = {}
"""Device and inode of the folders that this process is in, and what it holds them by. The system lets go of them with
the process, however it ends; a process that it starts inherits none."""


def stay_alone_in(folder: Path) -> None:
    """Raises ConfigError while another process of this machine is in it. Where a file system knows no locks (some
    network file systems) nobody is told."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    found = os.fstat(handle)
    if (found.st_dev, found.st_ino) in _held:
        os.close(handle)
        return
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConfigError(
            f"another process is at work in {folder}: wait for its end, or stop it. Two in one folder would mix their "
            "checkpoints and logs"
        ) from None
    except OSError:
        os.close(handle)
        return
    _held[found.st_dev, found.st_ino] = handle


def hold_output(file: Path, doing: str) -> None:
    """Make the file that `--output` means where it is not, and be alone in it. Raises ConfigError where it cannot be
    written, or another process is `doing` the same into it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("ab").close()
    except OSError as error:
        raise ConfigError(f"--output {file} cannot be written ({error.strerror}); name another") from error
    try:
        stay_alone_in(file)
    except ConfigError:
        raise ConfigError(f"another process is {doing} into {file}: wait for its end, or stop it") from None
