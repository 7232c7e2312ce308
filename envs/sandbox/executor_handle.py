"""The parent's handle on one executor: send it tasks, hear what it says, kill it.

What an executor says is read as JSON and never unpickled: it may have been taken over by the SQL it ran.
"""

import json
import select
import socket
from collections import deque
from collections.abc import Mapping
from time import monotonic

from envs.example import Database
from envs.sandbox.heartbeat import Heartbeat
from envs.sandbox.task import Task
from envs.sandbox.wire import Message, line
from envs.sandbox.zygote_handle import START_SECONDS, Gone, Zygote

SEND_SECONDS = 10.0
LONGEST_LINE = 64 << 20
"""Bytes; an executor that says more than that in one line is not to be trusted."""


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
