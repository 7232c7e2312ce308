"""No privileges to gain, none to keep, no debugger to answer, and no life after the parent (prctl(2), capset(2)).

Constants are those of linux/prctl.h and linux/capability.h.
"""

import ctypes
import os
import platform
import signal
import struct
import sys

from envs.sandbox.confinement.kernel import PR_SET_NO_NEW_PRIVS, prctl, syscall
from envs.sandbox.confinement.syscalls import JUDGED, KERNEL, numbers, unknown

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_READ_SEARCH = 2
"""What root keeps if it has it: without it, it could not read a database file that belongs to somebody else."""


def drop(parent: int | None = None) -> str:
    """Give up what can be given up: "on", or what is missing. Raises `OSError` where the system refuses.

    Ends the process when `parent` is given and no longer its parent.
    """
    if sys.platform != "linux":
        return f"{sys.platform} has neither no_new_privs nor a signal on the parent's death"
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    missing = unknown(platform.machine())
    if not missing:
        _drop_capabilities(platform.machine())
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # last: a change of credentials clears it
    if parent is not None and os.getppid() != parent:  # it ended before the signal was asked for
        os._exit(1)
    return f"on, but capabilities stay: {missing}" if missing else "on"


def _drop_capabilities(machine: str) -> None:
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    held = ctypes.create_string_buffer(24)  # effective, permitted and inheritable, of the lower half and the upper
    syscall(numbers(JUDGED, machine)["capget"], header, held)
    _, permitted, *_ = struct.unpack("=6I", held.raw)
    kept = permitted & (1 << CAP_DAC_READ_SEARCH)
    syscall(numbers(KERNEL, machine)["capset"], header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
