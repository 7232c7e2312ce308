"""What the operating system takes from an executor before it opens an engine, in layers that do not need each other.

An engine that forgets a rule, or is broken by one of its own bugs, still reads no file, writes nothing, opens no
connection, starts no process and signals nobody. All layers work without root; where one is missing (macOS, an old
kernel, a container that refuses) the report says why and the others hold.
"""

import platform
from collections.abc import Sequence

from envs.sandbox.confinement import landlock, limits, privileges, seccomp


def confine(
    readable: Sequence[str], memory: int, parent: int | None = None, machine: str | None = None
) -> dict[str, str]:
    """Confine this process for good: layer name -> "on", or why it is not, as a part of a sentence.

    `readable` are files (a folder or a missing file is left out), `memory` is in bytes of address space, `parent` is
    the process that forked this one and takes it along when it ends, `machine` names the processor where it is
    another than this one's. For a process of one thread: the layers bind the caller and what it starts. Raises nothing.
    """
    layers = {
        "limits": lambda: limits.limit(memory),
        "privileges": lambda: privileges.drop(parent),
        "landlock": lambda: landlock.restrict(readable),
        "seccomp": lambda: seccomp.restrict(machine or platform.machine()),
    }
    report: dict[str, str] = {}
    for name, layer in layers.items():
        try:
            report[name] = layer()
        except OSError as error:
            report[name] = f"the system refuses: {error.strerror or error}"
    return report
