"""Commands of the lab in processes of their own, forked from one that has imported torch and TRL: 10 s sooner.

To a test they are `python -m MODULE WORDS`: a pid, signals, an exit status, nothing shared with its own process. What
a new interpreter has and they have not is a hash seed of its own, so what they leave is to be compared with what such
an interpreter left; and they prove nothing about what is imported when.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, get_context
from pathlib import Path
from runpy import run_path
from typing import TextIO

ROOT = Path(__file__).parent.parent
ALONE = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
"""What the forking process starts with: both are read when a package is imported, and hold for every command."""
IMPORTED = [
    *("trl.trainer.grpo_trainer", "trl.trainer.sft_trainer", "trl.trainer.dpo_trainer", "trl.trainer.reward_trainer"),
    *("transformers.models.qwen3.modeling_qwen3", "peft", "datasets", "bitsandbytes", "matplotlib.pyplot", "sqlglot"),
]
_context = get_context("forkserver")


class Warm:
    """A command that runs, as far as `subprocess.Popen` is needed of it.

    `command` is [sys.executable, "-m", module, *words]; what it says is added to the files, where they are given, and
    is kept for `communicate` where not.
    """

    def __init__(
        self,
        command: Sequence[object],
        env: Mapping[str, str] = ALONE,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        python, flag, module, *words = map(str, command)
        assert (python, flag) == (sys.executable, "-m"), f"{command} is no module of this Python"
        self._own = tempfile.TemporaryDirectory(prefix="warm-")
        own = Path(self._own.name)
        self._files = [Path(given.name) if given else own / name for given, name in ((stdout, "out"), (stderr, "err"))]
        asked = {"module": module, "words": words, "settings": dict(env), "folder": str(ROOT)}
        told = json.dumps(asked | {"files": [str(file) for file in self._files]})
        _ready()
        code = str(Path(__file__).with_name("forked_command.py"))
        self._process = _context.Process(target=run_path, args=(code, {"ASKED": told}, "forked"))
        self._process.start()
        atexit.register(self._process.kill)

    def poll(self) -> int | None:
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status. Raises subprocess.TimeoutExpired where it has none by then."""
        self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired("a warm command", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None and self._process.pid:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it said and what it complained of, after its end."""
        self.wait(timeout)
        out, err = (file.read_text() for file in self._files)
        return out, err


def run(command: Sequence[object], env: Mapping[str, str] = ALONE) -> "subprocess.CompletedProcess[str]":
    """A command to its end."""
    running = Warm(command, env)
    out, err = running.communicate()
    return subprocess.CompletedProcess(command, running.wait(), out, err)


def _ready() -> None:
    """The forking process runs, started with an environment of its own."""
    here = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(ALONE)
        _context.set_forkserver_preload(IMPORTED)
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(here)
