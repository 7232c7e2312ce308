"""seccomp: system calls that no query needs fail with EPERM, by a filter made here (linux/seccomp.h, linux/filter.h).

A call is refused by its number (`syscalls`), or by an argument where only some uses do harm. What lies behind a pointer
cannot be seen, so openat2 and clone3 "do not exist" (ENOSYS), and libc falls back to openat and clone, whose flags can.
"""

import ctypes
import errno
import os
import struct
import sys

from envs.sandbox.confinement.kernel import PR_SET_NO_NEW_PRIVS, prctl
from envs.sandbox.confinement.syscalls import (
    ARCHITECTURES,
    FILES,
    JUDGED,
    KERNEL,
    NETWORK,
    NEWEST,
    PROCESSES,
    numbers,
    unknown,
)

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_SET, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
"""BPF_LD|BPF_W|BPF_ABS; BPF_JMP with BPF_JEQ, BPF_JGT, BPF_JSET, |BPF_K; BPF_RET|BPF_K."""
KILL, ERROR, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; each argument has eight bytes, the lower half first."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CLONE_THREAD = 0x00010000
CLONE_NEW = 0x7E020000
"""linux/sched.h: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
PRCTL = (1, 4, 8, 28, 35, 36, 47, 0x59616D61)
"""PR_SET_PDEATHSIG, DUMPABLE, KEEPCAPS, SECUREBITS, MM, CHILD_SUBREAPER, PR_CAP_AMBIENT, PR_SET_PTRACER."""
FCNTL = (8, 10, 15)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX: a signal to anyone, when a descriptor becomes readable."""
IOCTL = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN and SIOCSPGRP are F_SETOWN again."""
RLIMIT_CPU = 0

Instruction = tuple[int, int, int, int]
"""Code, instructions to skip if true, instructions to skip if false, constant."""


def restrict(machine: str) -> str:
    """Install the filter: "on", or why not. `machine` is what `platform.machine()` says. Raises `OSError`."""
    if sys.platform != "linux":
        return f"{sys.platform} has no seccomp"
    if missing := unknown(machine):
        return missing
    code = [struct.pack("=HBBI", *one) for one in program(machine, os.getpid())]
    text = ctypes.create_string_buffer(b"".join(code))
    whole = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(text)))  # struct sock_fprog
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(whole))
    return "on"


def program(machine: str, pid: int) -> list[Instruction]:
    """The filter for a process of that id. Raises `KeyError` for a machine that is not in `ARCHITECTURES`."""
    refused, absent = [_return(ERROR | errno.EPERM)], [_return(ERROR | errno.ENOSYS)]
    code: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        _return(KILL),  # a 32-bit call: its numbers mean something else
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER, 0, 1, NEWEST),  # also those of x32
        *absent,
    ]
    for table in (NETWORK, FILES, PROCESSES, KERNEL):
        for number in numbers(table, machine).values():
            code += _when(number, refused)
    judged = {
        "open": _unless_set(1, WRITING),
        "openat": _unless_set(2, WRITING),
        "openat2": absent,
        "clone": [_load(0), (JUMP_SET, 1, 0, CLONE_NEW), (JUMP_SET, 1, 0, CLONE_THREAD), *refused, _return(ALLOW)],
        "clone3": absent,
        "kill": _only(0, pid),
        "tgkill": _only(0, pid),
        "prlimit64": [
            *(_load(0), (JUMP_EQUAL, 2, 0, 0), (JUMP_EQUAL, 1, 0, pid), *refused),  # its own limits
            *(_load(1), (JUMP_EQUAL, 4, 0, RLIMIT_CPU)),
            *(_load(2), (JUMP_EQUAL, 0, 3, 0), _load(2, upper=True), (JUMP_EQUAL, 0, 1, 0)),  # read, not set
            *(_return(ALLOW), *refused),
        ],
        "prctl": _unless_one_of(0, PRCTL),
        "fcntl": _unless_one_of(1, FCNTL),
        "ioctl": _unless_one_of(1, IOCTL),
        "sendto": [
            *(_load(4), (JUMP_EQUAL, 0, 3, 0), _load(4, upper=True), (JUMP_EQUAL, 0, 1, 0)),  # to whom it is connected
            *(_return(ALLOW), *refused),
        ],
    }
    for name, number in numbers(JUDGED, machine).items():
        code += _when(number, judged[name]) if name in judged else []
    return [*code, _return(ALLOW)]


def _return(what: int) -> Instruction:
    return (RETURN, 0, 0, what)


def _load(argument: int, upper: bool = False) -> Instruction:
    return (LOAD, 0, 0, ARGUMENTS + 8 * argument + 4 * upper)


def _when(number: int, block: list[Instruction]) -> list[Instruction]:
    """`block`, which must end in a return on every path, for one system call."""
    return [(JUMP_EQUAL, 0, len(block), number), *block]


def _unless_set(argument: int, bits: int) -> list[Instruction]:
    return [_load(argument), (JUMP_SET, 0, 1, bits), _return(ERROR | errno.EPERM), _return(ALLOW)]


def _only(argument: int, value: int) -> list[Instruction]:
    return [_load(argument), (JUMP_EQUAL, 0, 1, value), _return(ALLOW), _return(ERROR | errno.EPERM)]


def _unless_one_of(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    tests = [(JUMP_EQUAL, left, 0, value) for left, value in zip(range(len(values), 0, -1), values, strict=True)]
    return [_load(argument), *tests, _return(ALLOW), _return(ERROR | errno.EPERM)]
