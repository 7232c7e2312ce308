"""The worker process: one line of JSON in, a few lines of JSON out; started by `process.py`, never imported by it.

Before it reads anything it limits itself, points the standard streams elsewhere so that no engine can write into the
protocol, and watches its parent: no worker outlives it.
"""

import json
import os
import select
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

RECYCLE_STATEMENTS = 5_000
RECYCLE_BYTES = 1 << 30
"""A worker that ran this many statements, or grew this large, asks to be replaced."""


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    settings = json.loads(sys.argv[1])
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    _watch_parent(requests, settings["parent"])

    from envs.engines import NoDatabase
    from envs.example import Database
    from envs.sandbox.judging import Judging
    from envs.sandbox.wire import Message, line

    _limit(settings["memory"])
    os.dup2(nowhere, 2)

    def send(message: Message) -> None:
        data = line(message)
        while data:
            data = data[os.write(replies, data) :]

    def announce(step: int, seconds: float) -> None:
        _limit_cpu(seconds)
        send({"step": step, "seconds": seconds})

    judging = Judging()
    statements = 0
    send({"ready": True})
    with os.fdopen(requests, encoding="ascii") as lines:
        for text in lines:
            job = json.loads(text)
            database = Database(**job["database"])
            try:
                if job["op"] == "schema":
                    send({"schema": judging.schema(database, announce)})
                else:
                    for event in judging.judge(job, database, announce):
                        send(event)
                    statements += len(job["sqls"])
            except NoDatabase as error:
                send({"no_database": str(error)})
            except Exception:  # a fault of this code, whatever it is, must reach the parent as one, not as a score
                send({"failure": traceback.format_exc()})
            send({"done": True, "retire": statements > RECYCLE_STATEMENTS or _bytes_held() > RECYCLE_BYTES})


def _watch_parent(requests: int, parent: int) -> None:
    """End this process when its parent is gone, whatever the engine is doing at the time."""

    def watch() -> None:
        poll = select.poll()
        poll.register(requests, 0)  # reports only that the other end was closed
        while not poll.poll(1_000) and os.getppid() == parent:
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _limit(memory: int) -> None:
    with suppress(ImportError):  # Windows has no `resource`
        import resource

        for what, most in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_NOFILE", 128), ("RLIMIT_CORE", 0)):
            with suppress(AttributeError, ValueError, OSError):  # macOS lacks some; a lower hard limit stays
                resource.setrlimit(getattr(resource, what), (most, most))


def _limit_cpu(seconds: float) -> None:
    """A last resort, in CPU seconds, behind the parent that kills and the thread that watches it."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime + seconds) + 60
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _bytes_held() -> int:
    with suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 0


if __name__ == "__main__":
    main()
