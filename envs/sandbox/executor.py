"""The executor: a fork of the zygote that confines itself, then judges: one line of JSON in, a few lines of JSON out.

The first line says what it may read and use; every other is a job (`task.py`). Answers are sent in batches.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading
import traceback
from importlib import import_module
from time import monotonic, sleep
from typing import TYPE_CHECKING

from envs.sandbox.wire import line

if TYPE_CHECKING:
    from envs.example import Database
    from envs.sandbox.heartbeat import Heartbeat
    from envs.sandbox.judging import Judging
    from envs.sandbox.wire import Message

BATCH_SECONDS = 0.02
"""Answers wait this long for company."""
FIRST_SECONDS = 60.0
"""What taking in the next job may take."""
RECYCLE_STATEMENTS = 20_000
RECYCLE_BYTES = 1 << 30
"""An executor that ran this many statements, or grew this large, asks to be replaced."""


PRELOADED = (
    *("envs.engines.sqlite", "envs.engines.duckdb", "envs.sandbox.confinement", "envs.sandbox.judging"),
    *("envs.twins.profile", "envs.twins.selection"),
    *(f"sqlglot.dialects.{name}" for name in ("sqlite", "duckdb", "postgres", "mysql")),
)
"""What every executor would import; the zygote does it for all."""


def preload() -> None:
    """Import what executors need and leave nothing for their garbage collector to walk through."""
    for name in PRELOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def main(connection: int, heartbeat: int, zygote: int) -> None:
    """Serve the parent at the other end of the socket until it closes it. Never returns to the zygote's loop."""
    try:
        _serve(socket.socket(fileno=connection), heartbeat, zygote)
    except BaseException:  # whatever it is, no fork may go on as if it were the zygote
        traceback.print_exc()
        os._exit(70)


def _serve(parent: socket.socket, heartbeat_descriptor: int, zygote: int) -> None:
    from envs.engines import duckdb
    from envs.example import Database
    from envs.sandbox.confinement import confine
    from envs.sandbox.heartbeat import Heartbeat
    from envs.sandbox.judging import Judging

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heartbeat = Heartbeat(heartbeat_descriptor)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.environ.clear()
    os.environ.update({"LANG": "C.UTF-8", "TZ": "UTC"})
    os.chdir("/")
    talk = _Talk(parent)
    settings = talk.hear()
    if settings is None:
        os._exit(0)
    report = confine(settings["readable"], settings["memory"], parent=zygote)
    duckdb.allow(settings["readable"])
    if sys.platform != "linux":
        threading.Thread(target=_watch, args=(zygote,), daemon=True).start()
    os.dup2(nowhere, 2)

    judging = Judging()
    statements = 0
    talk.say({"ready": report})
    while (job := talk.hear()) is not None:
        database = Database(*job["database"])
        batch: list[object] = []
        said: dict[str, object] = {"events": batch}
        try:
            if job["op"] != "judge":
                said = _told(judging, job, database, heartbeat)
            else:
                for event in judging.judge(job, database, heartbeat.beat):
                    batch.append(event)
                    statements += 1
                    if talk.late:
                        talk.say({"events": batch})
                        batch.clear()
        except Exception:  # a fault of this code, whatever it is, must reach the parent as one, not as a score
            said = {"failure": traceback.format_exc()}
        said["done"] = "retire" if statements > RECYCLE_STATEMENTS or _bytes_held() > RECYCLE_BYTES else "more"
        heartbeat.job += 1
        heartbeat.beat(-1, FIRST_SECONDS)
        talk.say(said)
    os._exit(0)


class _Talk:
    """Lines of JSON over the socket; what is said waits for company as long as there is work to hear of."""

    def __init__(self, parent: socket.socket) -> None:
        self._parent = parent
        self._heard, self._unsaid = bytearray(), bytearray()
        self._said_at = monotonic()

    @property
    def late(self) -> bool:
        """Whether it is time to say what there is."""
        return monotonic() - self._said_at > BATCH_SECONDS

    def say(self, message: "Message") -> None:
        self._unsaid += line(message)
        if self.late:
            self._flush()

    def hear(self) -> "Message | None":
        """The next message, None when the parent has closed the socket."""
        while (end := self._heard.find(b"\n")) < 0:
            self._flush()
            more = self._parent.recv(1 << 16)
            if not more:
                return None
            self._heard += more
        text = bytes(self._heard[:end])
        del self._heard[: end + 1]
        return json.loads(text)

    def _flush(self) -> None:
        if self._unsaid:
            self._parent.sendall(self._unsaid)
            self._unsaid.clear()
        self._said_at = monotonic()


def _told(judging: "Judging", job: "Message", database: "Database", heartbeat: "Heartbeat") -> dict[str, object]:
    from envs.engines import NoDatabase

    try:
        if job["op"] == "twins":
            return {"told": judging.twins(job, database, heartbeat.beat)}
        if job["op"] == "times":
            return {"told": judging.times(job, database, heartbeat.beat)}
        if job["op"] == "show":
            return {"told": judging.show(job, database, heartbeat.beat)}
        return {"told": judging.schema(database, job["stamp"], heartbeat.beat)}
    except NoDatabase as error:
        return {"no_database": str(error)}


def _watch(zygote: int) -> None:
    """Where no signal tells of the zygote's death, ask."""
    while os.getppid() == zygote:
        sleep(0.5)
    os._exit(0)


def _bytes_held() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
