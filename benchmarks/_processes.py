"""Looking at processes from outside, through /proc (Linux): who descends from this one, what memory they have used."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from envs.sandbox.confinement.kernel import prctl

PR_SET_CHILD_SUBREAPER = 36
"""Of linux/prctl.h."""


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    command: str


def adopt_orphans() -> None:
    """From now on a descendant whose parent ends becomes a child of this process, and so cannot hide.

    Ends the program on a system other than Linux.
    """
    if sys.platform != "linux":
        raise SystemExit("this benchmark looks into /proc and runs on Linux only")
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def descendants(of: int | None = None) -> list[Process]:
    """Processes alive below `of` (this one), zombies left out."""
    below: dict[int, list[Process]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended meanwhile
            continue
        if state != "Z":
            below.setdefault(int(parent), []).append(Process(int(folder.name), int(parent), command))
    found: list[Process] = []
    waiting = list(below.get(of or os.getpid(), []))
    while waiting:
        found.append(waiting.pop())
        waiting += below.get(found[-1].pid, [])
    return found


def left_over(patience: float = 2.0) -> list[Process]:
    """Descendants that are still there after that many seconds: what was killed takes a moment to be gone."""
    until = monotonic() + patience
    while (found := descendants()) and monotonic() < until:
        sleep(0.05)
    return found


def peak_bytes(pid: int) -> int:
    """The most memory a process has had at once (VmHWM); 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) * 1024 if lines else 0


def kill_descendant(pid: int) -> bool:
    """SIGKILL for a process that is ours for sure; whether it got it."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if pid not in {process.pid for process in descendants()}:  # the handle keeps the id from meaning another
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
