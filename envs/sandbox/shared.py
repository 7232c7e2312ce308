"""One pool for several processes of this machine, such as the ranks of a node: a host has it, guests ask for its work.

They talk over a Unix socket in a folder that only this user may enter, in lines of JSON (`wire.py`): a guest sends the
tasks of one `run`, the host sends back what its executors said. The socket's name is gone as soon as all expected
guests have come in, so that nothing of it is left behind, whoever is killed.
"""

import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from envs.example import Database
from envs.execution import Limits
from envs.sandbox.side_by_side import CLOSED, SideBySide
from envs.sandbox.task import Task
from envs.sandbox.wire import Message, execution_out, line, verdict_out


class Host:
    """Lets `guests` other processes use this process's pool. `path` is what they need to know."""

    def __init__(self, pool: SideBySide, guests: int) -> None:
        self._pool, self._guests = pool, guests
        self._owner = os.getpid()
        self._folder = Path(tempfile.mkdtemp(prefix="text2sql-"))  # for this user only: 0700
        self.path = self._folder / "sandbox"
        self._talks: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        try:
            self._listener.bind(str(self.path))
        except OSError as error:
            self.close()
            raise RuntimeError(f"{self.path} cannot be a socket: {error}. Set TMPDIR to a short path.") from error
        self._listener.listen(guests)
        threading.Thread(target=self._welcome, name="sandbox door", daemon=True).start()

    def close(self) -> None:
        """Let no guest in any more and leave those that are in; the pool stays. Closing twice is harmless."""
        if os.getpid() != self._owner:
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        for talk in (self._listener, *self._talks):
            with suppress(OSError):
                talk.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            talk.close()

    def _welcome(self) -> None:
        for _ in range(self._guests):
            try:
                talk, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._talks.append(talk)
            threading.Thread(target=self._serve, args=(talk,), name="sandbox guest", daemon=True).start()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self, talk: socket.socket) -> None:
        """One guest, until it leaves or dies; what it had asked for then comes to its end unheard."""
        with talk, talk.makefile("rb") as asked, suppress(OSError):
            for text in asked:
                if not text.endswith(b"\n"):
                    return
                talk.sendall(line(self._answer(json.loads(text))))

    def _answer(self, asked: Message) -> Message:
        tasks = [_task(message) for message in asked["tasks"]]
        self._pool.readable.update(asked["readable"])
        try:
            self._pool.run(tasks)
        except (RuntimeError, ValueError) as error:
            return {"failure": str(error)}
        said = [_said(task, message) for task, message in zip(tasks, asked["tasks"], strict=True)]
        return {"said": said, "confinement": self._pool.confinement}


class Guest:
    """The pool of a host, used as if it were here. Raises `RuntimeError` when the host is not there."""

    def __init__(self, path: Path) -> None:
        self.readable: dict[str, str] = {}
        self.confinement: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._lock = threading.Lock()
        self._talk = socket.socket(socket.AF_UNIX)
        try:
            self._talk.connect(str(path))
        except OSError as error:
            self._talk.close()
            shutil.rmtree(path.parent, ignore_errors=True)
            raise RuntimeError(f"the sandbox of this machine does not answer at {path}: {error.strerror}") from error
        self._heard = self._talk.makefile("rb")

    @property
    def executors(self) -> list[int]:
        return []

    @property
    def pids(self) -> list[int]:
        """None: all processes are the host's."""
        return []

    def run(self, tasks: Sequence[Task]) -> None:
        """Have every task brought to its end. Raises `RuntimeError` when the sandbox is broken or the host has died,
        `ValueError` when this end is closed.
        """
        asked = [task for task in tasks if not task.finished]
        if not asked:
            return
        with self._lock:
            if self._heard.closed:
                raise ValueError(CLOSED)
            news = {path: stamp for path, stamp in self.readable.items() if self._told.get(path) != stamp}
            answer = self._ask({"tasks": [task.request() for task in asked], "readable": news})
            self._told |= news
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        self.confinement = answer["confinement"]
        for task, message in zip(asked, answer["said"], strict=True):
            task.take(message)

    def close(self) -> None:
        """Leave the host. Closing twice is harmless."""
        self._heard.close()
        self._talk.close()

    def _ask(self, message: Message) -> Message:
        text, why = b"", "it closed the connection"
        try:
            self._talk.sendall(line(message))
            text = self._heard.readline()
        except OSError as error:
            why = str(error.strerror)
        if not text.endswith(b"\n"):
            raise RuntimeError(
                f"the process that runs the sandbox of this machine has ended ({why}), so nothing can be judged here "
                "any more. Its own last words say why; all processes must be started again."
            )
        answer: Message = json.loads(text)
        return answer


def _task(message: Message) -> Task:
    """A guest's task, to be run here."""
    limits = Limits(seconds=message["seconds"], rows=message["rows"], steps=message["steps"])
    sqls = [sql for _, sql in message["sqls"]]
    task = Task(message["op"], Database(*message["database"]), limits, message["gold"], message["dialect"], sqls)
    task.ruler, task.fingerprints = message["ruler"], message["fingerprints"]
    return task


def _said(task: Task, asked: Message) -> Message:
    """What finishes the guest's task, as `Task.take` reads it."""
    if asked["op"] != "judge":
        try:
            return {"told": task.told()}
        except ValueError as error:
            return {"no_database": str(error)}
    found = task.judged()
    events: list[object] = [["ruler", "", False, task.made]]
    for i, sql in asked["sqls"]:
        one = found[sql]
        events.append([i, one.gate, execution_out(one.execution), verdict_out(one.verdict)])
    return {"events": events}
