"""A command killed (SIGKILL) at random moments of its work, and started again until it ends by itself."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from ..warm import Warm

ROOT = Path(__file__).parents[2]
MOST = 40


def begun(command: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def killed_at_random(
    command: Sequence[str],
    drawn: Random,
    enough: Callable[[Random], int],
    done: Callable[[], int],
    start: "Callable[[Sequence[str]], subprocess.Popen[str] | Warm]" = begun,
) -> int:
    """How often it was killed. Every start is left alone until `done()` has reached what `enough` says as it starts;
    every other is then killed at once, be it in the middle of what is written together, the rest a little later. Fails
    where it ends with an error, or never."""
    for kills in range(MOST):
        until = enough(drawn)
        started = start(command)
        while done() < until and started.poll() is None:
            time.sleep(0.0002)
        if kills % 2:
            time.sleep(drawn.random() * 0.1)
        if started.poll() is None:
            started.send_signal(signal.SIGKILL)
        said = started.communicate()
        if started.returncode != -signal.SIGKILL:
            assert started.returncode == 0, said
            return kills
        time.sleep(0.3)  # what was under way comes to its end
    raise AssertionError(f"after {MOST} kills it has not ended")
