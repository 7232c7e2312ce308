"""The sandbox of a run that has several processes: one pool of executors a machine, whichever of them asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envs.execution import Limits
from envs.sandbox import Sandbox
from envs.sandbox.golds import default_folder
from envs.sandbox.pool import Pool
from envs.sandbox.shared import Guest, Host
from envs.sandbox.side_by_side import SideBySide
from policy import processes
from policy.task_fields import TaskFields


@contextmanager
def node_sandbox(run: TaskFields) -> Iterator[Sandbox | None]:
    """Call it in every process. None where there is but one: its environment makes a sandbox of its own."""
    if processes.count() == 1:
        yield None
        return
    limits = Limits(seconds=run.sql_timeout)
    first, here = processes.node()
    pool = SideBySide(Pool(run.sandbox_workers, limits)) if processes.index() == first else None
    host = Host(pool, here - 1) if pool else None
    path = processes.gather(str(host.path) if host else "")[first]
    try:
        with Sandbox(limits=limits, cache=default_folder(), pool=pool or Guest(Path(path))) as sandbox:
            yield sandbox
    finally:
        if host:
            host.close()
