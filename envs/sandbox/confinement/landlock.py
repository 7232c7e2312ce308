"""Landlock: the file system is what is listed here, read-only, and the network is not there (linux/landlock.h).

The kernel must be 5.13 or later; rules for the network came with its version 4 of Landlock (Linux 6.7), rules for
signals and abstract sockets with version 6 (Linux 6.12). See https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import errno
import os
import site
import stat
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from envs.sandbox.confinement.kernel import PR_SET_NO_NEW_PRIVS, prctl, syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1
ACCESS_FS_READ_FILE, ACCESS_FS_READ_DIR = 1 << 2, 1 << 3
ACCESS_FS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files that a version knows: REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5."""
ACCESS_NET = 0b11
"""ACCESS_NET_BIND_TCP and ACCESS_NET_CONNECT_TCP."""
SCOPE = 0b11
"""SCOPE_ABSTRACT_UNIX_SOCKET and SCOPE_SIGNAL."""
CGROUP = "/proc/self/cgroup"
SYSTEM = (
    *("/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache"),  # libraries that lazily imported modules are linked to
    *("/usr/share/zoneinfo", "/etc/localtime", "/usr/lib/locale", "/usr/share/locale"),
    *("/dev/null", "/dev/urandom"),
    *(CGROUP, "/sys/fs/cgroup"),  # DuckDB 2.0 aborts at connect when these exist and do not open
)
_pinned: list[int] = []


def restrict(readable: Sequence[str]) -> str:
    """Leave `readable` (files only), Python and little else to read. "on", or why not. Raises `OSError`."""
    if sys.platform != "linux":
        return f"{sys.platform} has no Landlock"
    try:
        version = syscall(CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)
    except OSError as error:
        return _absent(error)
    handled = struct.pack(
        "=QQQ",
        ACCESS_FS[min(version, max(ACCESS_FS))],
        ACCESS_NET if version >= 4 else 0,
        SCOPE if version >= 6 else 0,
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = syscall(CREATE_RULESET, ctypes.create_string_buffer(handled, len(handled)), size, 0)
    try:
        for path in (*SYSTEM, *importable()):
            _allow(ruleset, path)
        for path in readable:
            if os.path.isfile(path):
                _allow(ruleset, path)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    if version < 4:
        return f"on for files only: rules for the network need version 4 of Landlock, this kernel has {version}"
    return "on"


def importable() -> Iterator[str]:
    """Folders that Python imports from: the standard library, site-packages, and packages already loaded elsewhere.

    A folder on `sys.path` that is none of these (a checkout, the working directory) is not opened as a whole.
    """
    yield from {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield str(Path(sys.base_prefix) / "lib")
    yield from (entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages"))
    if site.ENABLE_USER_SITE:
        yield site.getusersitepackages()
    for name, module in list(sys.modules.items()):
        if "." not in name:
            yield from getattr(module, "__path__", ())


def _allow(ruleset: int, path: str) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine
        return
    try:
        folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rights = ACCESS_FS_READ_FILE | (ACCESS_FS_READ_DIR if folder else 0)
        rule = struct.pack("=Qi", rights, opened)  # struct landlock_path_beneath_attr, which is packed
        syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        if path == CGROUP:  # a file of /proc loses its rule when the kernel forgets it, which it may while it is closed
            _pinned.append(opened)
        else:
            os.close(opened)


def _absent(error: OSError) -> str:
    match error.errno:
        case errno.ENOSYS:
            return "this kernel has no Landlock, or the container hides it (Linux 5.13 is the first to have it)"
        case errno.EOPNOTSUPP:
            return "Landlock is switched off on this machine (the kernel's boot parameter lsm= leaves it out)"
        case _:
            return f"the system refuses Landlock: {error.strerror}"
