"""The parent's handle on one worker process: start it, send it a job, hear what it says, kill it."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from time import monotonic

from envs.sandbox.wire import Message, line

START_SECONDS = 60.0
SEND_SECONDS = 10.0
LONGEST_LINE = 16 << 20
"""Bytes; a worker that says more than that in one line is not to be trusted."""


class Gone(Exception):
    """The worker died, or says what no worker says."""


class WorkerProcess:
    """A process of its own session (Ctrl-C does not reach it), with a clean environment, never a fork of this one."""

    def __init__(self, memory: int) -> None:
        settings = json.dumps({"memory": memory, "parent": os.getpid()})
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("worker.py")), settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=kept | {"LANG": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._heard = bytearray()
        self.deadline = monotonic() + START_SECONDS

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._out

    def send(self, message: Message) -> None:
        """Raises `Gone` when the worker does not take the whole message."""
        data = memoryview(line(message))
        until = monotonic() + SEND_SECONDS
        while data:
            _, able, _ = select.select([], [self._in], [], max(0.0, until - monotonic()))
            if not able:
                raise Gone
            try:
                data = data[os.write(self._in, data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error

    def hear(self) -> list[Message]:
        """What has come in since. Raises `Gone`."""
        try:
            data = os.read(self._out, 1 << 18)
        except BlockingIOError:
            return []
        if not data or len(self._heard) + len(data) > LONGEST_LINE:
            raise Gone
        self._heard += data
        *whole, rest = self._heard.split(b"\n")
        self._heard = rest
        try:
            return [json.loads(text) for text in whole]
        except ValueError as error:
            raise Gone from error

    def kill(self) -> None:
        """End the process now and free what it held; harmless when it is gone already."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
