"""A few bytes of memory that an executor and the parent share: what runs now, and until when.

The executor writes before each step and sends nothing; the parent reads when it is about to run out of patience.
"""

import mmap
import os
import struct
import tempfile
from time import monotonic

_LAYOUT = struct.Struct("qqd")


class Heartbeat:
    """Opened by the parent without a descriptor, by the executor with the one it was sent (which it takes over)."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = _anonymous() if descriptor is None else descriptor
        self._memory = mmap.mmap(self.descriptor, _LAYOUT.size)
        self.job = 0
        """How many jobs came before the one that runs; for the executor to count."""

    def beat(self, step: int, seconds: float) -> None:
        """`step` starts now and may take so long."""
        _LAYOUT.pack_into(self._memory, 0, self.job, step, monotonic() + seconds)

    def read(self) -> tuple[int, int, float]:
        """The job and the step that run, and their deadline on the monotonic clock, which all processes share."""
        job, step, deadline = _LAYOUT.unpack_from(self._memory)
        return job, step, deadline

    def close(self) -> None:
        self._memory.close()
        os.close(self.descriptor)


def _anonymous() -> int:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("heartbeat")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, _LAYOUT.size)
    return descriptor
