"""The two ways to the Linux kernel that Python does not offer: prctl(2) and syscall(2), through libc."""

import ctypes
import os

PR_SET_NO_NEW_PRIVS = 38
"""Of linux/prctl.h: Landlock and seccomp are only for those who can gain no privileges."""


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """Raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_ulong(word) for word in (first, second, 0, 0)]
    if libc.prctl(ctypes.c_int(option), *words) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """One system call; integers travel as 64-bit words, bytes and buffers by their address. Raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)
