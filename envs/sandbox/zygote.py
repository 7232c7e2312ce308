"""The zygote: one process with one thread and a clean environment that imports the engines once and forks executors.

Started as a script by `zygote_handle.py`. On its control socket it takes five bytes at a time, an order and a number:
`FORK` (with two descriptors beside it: the executor's socket and its heartbeat), answered with the new process id;
`KILL` and `REAP` (the process id), the latter answered with the status it ended with. A process is reaped only when the
parent says so, so no process id means another process than the parent thinks.
"""

import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

FORK, KILL, REAP = b"F", b"K", b"R"
ORDER = struct.Struct("=ci")
NUMBER = struct.Struct("=i")


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    control = socket.socket(fileno=int(sys.argv[1]))
    parent = int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    from envs.sandbox import executor

    executor.preload()
    control.sendall(NUMBER.pack(os.getpid()))
    while True:
        while not select.select([control], [], [], 1.0)[0]:
            if os.getppid() != parent:  # it is gone, and a fork of it holds the socket open
                os._exit(0)
        order, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 2)
        if len(order) < ORDER.size:
            os._exit(0)
        what, number = ORDER.unpack(order)
        if what == FORK:
            zygote = os.getpid()
            pid = os.fork()
            if pid == 0:
                control.close()
                executor.main(descriptors[0], descriptors[1], zygote)
                os._exit(0)
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(NUMBER.pack(pid))
        else:
            status = 0
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(number, signal.SIGKILL)  # what has died by itself keeps the status it died with
                _, status = os.waitpid(number, 0)
            if what == REAP:
                control.sendall(NUMBER.pack(status))


if __name__ == "__main__":
    main()
