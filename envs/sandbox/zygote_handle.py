"""The parent's handle on the zygote: start it, have it fork and end executors."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from envs.sandbox.zygote import FORK, KILL, NUMBER, ORDER, REAP

START_SECONDS = 60.0


class Gone(Exception):
    """The process died, or says what no process of ours says."""


class Zygote:
    """A process of its own session (Ctrl-C does not reach it), with a clean environment, never a fork of this one."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_SECONDS)
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", str(Path(__file__).with_name("zygote.py"))),
                    *(str(theirs.fileno()), str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd="/",
                env=kept | {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0"},
                start_new_session=True,
            )
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def fork(self, connection: int, heartbeat: int) -> int:
        """The process id of a new executor, which gets these two descriptors. Raises `Gone`."""
        try:
            if not self._ready:
                self._number()
                self._ready = True
            socket.send_fds(self._control, [ORDER.pack(FORK, 0)], [connection, heartbeat])
            return self._number()
        except OSError as error:
            raise Gone from error

    def kill(self, pid: int) -> None:
        """End an executor and forget it; when the zygote is gone, so is the executor."""
        self._order(KILL, pid)

    def ended(self, pid: int) -> int:
        """The signal that ended an executor which died by itself, 0 for none; SIGKILL when nobody knows."""
        try:
            self._order(REAP, pid)
            status = self._number()
        except (OSError, Gone):
            return signal.SIGKILL
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    @property
    def failed(self) -> bool:
        """Whether it ended by itself with an error, which it will do again."""
        try:
            return self._process.wait(2.0) > 0
        except subprocess.TimeoutExpired:
            return False

    def close(self) -> None:
        """End it once it has done what it was told: the executors it was to kill are gone before it is."""
        self._control.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _order(self, what: bytes, number: int) -> None:
        try:
            self._control.sendall(ORDER.pack(what, number))
        except OSError:
            if what == REAP:
                raise

    def _number(self) -> int:
        data = b""
        while len(data) < NUMBER.size:
            more = self._control.recv(NUMBER.size - len(data))
            if not more:
                raise Gone
            data += more
        return int(NUMBER.unpack(data)[0])
