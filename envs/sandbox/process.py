"""The parent's handles on its processes: start the zygote, have it fork an executor, send, hear, kill.

What an executor says is read as JSON and never unpickled: it may have been taken over by the SQL it ran.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from envs.example import Database
from envs.sandbox.heartbeat import Heartbeat
from envs.sandbox.task import Task
from envs.sandbox.wire import Message, line
from envs.sandbox.zygote import FORK, KILL, NUMBER, ORDER, REAP

START_SECONDS = 60.0
SEND_SECONDS = 10.0
LONGEST_LINE = 64 << 20
"""Bytes; an executor that says more than that in one line is not to be trusted."""


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


class Executor:
    """`readable`: path -> stamp (`Task.stamp`) of the files it may read. Raises `Gone` when it cannot be forked.

    `tasks` are those it was given and has not answered, `done` counts those before; `deadline` is when to look after
    it.
    """

    def __init__(self, zygote: Zygote, readable: Mapping[str, str], memory: int) -> None:
        self.zygote = zygote
        self.stamps = frozenset(readable.values())
        self.heartbeat = Heartbeat()
        self._socket, theirs = socket.socketpair()
        self._heard = bytearray()
        self.ready = False
        self.tasks: deque[Task] = deque()
        self.done = 0
        self.last: Database | None = None
        self.deadline = monotonic() + START_SECONDS
        try:
            with theirs:
                self.pid = zygote.fork(theirs.fileno(), self.heartbeat.descriptor)
        except Gone:
            self._socket.close()
            self.heartbeat.close()
            raise
        self._socket.setblocking(False)
        self.send({"readable": list(readable), "memory": memory})

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, *messages: Message) -> None:
        """Raises `Gone` when the executor does not take all of them.

        While it has no room it may be waiting for us to hear what it says: that is taken in meanwhile.
        """
        data = memoryview(b"".join(map(line, messages)))
        until = monotonic() + SEND_SECONDS
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                able = select.select([self._socket], [self._socket], [], max(0.0, until - monotonic()))
                if able[0]:
                    self._take_in()
                elif not able[1]:
                    raise Gone from None
            except OSError as error:
                raise Gone from error

    @property
    def heard(self) -> bool:
        """Whether a whole message was taken in and not yet looked at."""
        return b"\n" in self._heard

    def hear(self) -> list[Message]:
        """What has come in since. Raises `Gone`."""
        self._take_in()
        *whole, rest = self._heard.split(b"\n")
        self._heard = rest
        try:
            return [json.loads(text) for text in whole]
        except (ValueError, RecursionError) as error:
            raise Gone from error

    def _take_in(self) -> None:
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            raise Gone from error
        if not data or len(self._heard) + len(data) > LONGEST_LINE:
            raise Gone
        self._heard += data

    def kill(self) -> None:
        """End the process now, whatever it is doing."""
        self._close()
        self.zygote.kill(self.pid)

    def ended(self) -> int:
        """The signal that ended the process, which died by itself, 0 for none."""
        self._close()
        return self.zygote.ended(self.pid)

    def _close(self) -> None:
        self._socket.close()
        self.heartbeat.close()
