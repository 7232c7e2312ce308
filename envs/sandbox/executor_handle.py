"""The parent's handle on one executor: send it tasks, hear what it says, kill it.

What an executor says is read as JSON and never unpickled: it may have been taken over by the SQL it ran.
"""

import json
import socket
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic

from envs.example import Database
from envs.sandbox.heartbeat import Heartbeat
from envs.sandbox.task import Task
from envs.sandbox.wire import Message, line
from envs.sandbox.zygote_handle import START_SECONDS, Gone, Zygote

SENT_AT_ONCE = 1 << 20
"""Bytes."""
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
        self._heard, self._unsent = bytearray(), bytearray()
        self.silent = True
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
        with suppress(Gone):  # that it is gone already will be heard
            self.send({"readable": list(readable), "memory": memory})

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, *messages: Message) -> None:
        """Send what the executor has room for now, and keep the rest for `flush`. Raises `Gone`."""
        for message in messages:
            self._unsent += line(message)
        self.flush()

    @property
    def waiting_to_send(self) -> bool:
        return bool(self._unsent)

    def flush(self) -> None:
        """Raises `Gone`."""
        while self._unsent:
            try:
                with memoryview(self._unsent) as unsent:
                    sent = self._socket.send(unsent[:SENT_AT_ONCE])
            except BlockingIOError:
                return
            except OSError as error:
                raise Gone from error
            del self._unsent[:sent]

    def hear(self) -> list[Message]:
        """What has come in since; `silent` says that it was nothing. Raises `Gone`."""
        data = self._received()
        self.silent = not data
        if b"\n" not in data:
            self._heard += data
            return []
        *whole, rest = (self._heard + data).split(b"\n")
        self._heard = bytearray(rest)
        try:
            return [json.loads(text) for text in whole]
        except (ValueError, RecursionError) as error:
            raise Gone from error

    def _received(self) -> bytes:
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise Gone from error
        if not data or len(self._heard) + len(data) > LONGEST_LINE:
            raise Gone
        return data

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
