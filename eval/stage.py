"""A command of this lab as one stage of several, in a process of its own."""

import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from policy.config_error import ConfigError

SHOWN = 12
"""Lines of a failed command that are shown."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A command of the lab (`module` and its words), and what it is for."""

    what: str
    module: str
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        return f"python -m {self.module} {shlex.join(self.words)}"


def run(stage: Stage, number: str, log: Path) -> str:
    """What the command said, which is kept in `log`. Raises ConfigError with its last lines where it failed, or where
    the log cannot be written; KeyboardInterrupt once it has saved, where somebody stopped it."""
    print(f"[{number}] {stage.what}\n      {stage.command}", flush=True)
    begun = time.monotonic()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file:
            code = _ended((sys.executable, "-u", "-m", stage.module, *stage.words), file, log)
    except OSError as error:
        raise ConfigError(f"{log} cannot be written ({error.strerror}); name another --output") from error
    told = log.read_text(encoding="utf-8", errors="replace")
    if code:
        last = "\n".join(told.strip().splitlines()[-SHOWN:])
        raise ConfigError(
            f"this ended with exit status {code} after {minutes(time.monotonic() - begun)}:\n{last}\n\nall that it "
            f"said is in {log}; once that is mended, the same command goes on from there"
        )
    print(f"      {minutes(time.monotonic() - begun)}", flush=True)
    return told


def _ended(command: Sequence[str], file: TextIO, log: Path) -> int:
    """Its exit status. Told to stop, it is waited for until it has saved; Ctrl-C reaches it by itself, SIGTERM not."""
    asked_to_stop = False

    def stop(number: int, frame: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        child.terminate()

    with subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as child:
        before = signal.signal(signal.SIGTERM, stop)
        try:
            while (code := _waited(child)) is None:
                _show(log)
        except KeyboardInterrupt:
            child.wait()
            raise
        finally:
            signal.signal(signal.SIGTERM, before)
            _show(None)
    if asked_to_stop:
        raise KeyboardInterrupt
    return code


def _waited(child: "subprocess.Popen[bytes]") -> int | None:
    try:
        return child.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None


def _show(log: Path | None) -> None:
    """The last line so far, in the one line at the foot of a terminal; None clears it."""
    if not sys.stdout.isatty():
        return
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log else []
    last = next((line for line in reversed(lines) if line.strip()), "")
    width = max(shutil.get_terminal_size().columns - 8, 1)
    print(f"\r\033[K{f'      {last[:width]}' if last else ''}", end="", flush=True)


def minutes(seconds: float) -> str:
    """As a person says it."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
