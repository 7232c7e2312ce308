"""A writer that threads may share though it writes for one of them at a time, as a policy at hand does."""

import threading

from envs.example import Example
from serve.writer import Writer, Written


class OneAtATime:
    """A `Writer` around another. Who comes meanwhile waits."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._lock = writer, threading.Lock()

    def write(self, example: Example, samples: int, temperature: float, seed: int) -> list[Written]:
        with self._lock:
            return self._writer.write(example, samples, temperature, seed)

    def again(self, example: Example, before: Written, told: str) -> Written | None:
        with self._lock:
            return self._writer.again(example, before, told)

    def close(self) -> None:
        self._writer.close()
