"""The processes of one run, as `accelerate launch` or torchrun starts them: who is first, and what one tells the rest.

What a launcher says stands in the environment (RANK, LOCAL_RANK, WORLD_SIZE), so asking who one is imports no torch.
Within `joined` messages go over gloo on the CPU, whatever the gradients use, and wait as long as they must: the
first process may execute golds for an hour. With one process everything here does the obvious thing at once.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any, TypeVar

from policy.config_error import ConfigError

T = TypeVar("T")
PATIENCE = timedelta(days=7)
_group: Any = None


def index() -> int:
    """0 for the first process of the run."""
    return int(os.environ.get("RANK", "0"))


def count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    return index() == 0


def echoes() -> bool:
    """Whether another process of this machine says the same: until they are joined, all do what the first does."""
    return _group is None and os.environ.get("LOCAL_RANK", "0") != "0"


@contextmanager
def joined(use_cpu: bool, timeout: int, backend: str | None) -> Iterator[None]:
    """Around a run: the processes know one another, and only the first writes to the console. `timeout` (seconds) and
    `backend` are torch's, for what the training itself exchanges."""
    global _group
    if count() == 1:
        yield
        return
    from accelerate import PartialState
    from torch import distributed

    if use_cpu:  # accelerate (1.15) would say cpu:0, onto which torch (2.13) loads no optimizer when a run is resumed
        os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
    PartialState(cpu=use_cpu, backend=backend, timeout=timedelta(seconds=timeout))
    _group = distributed.new_group(backend="gloo", timeout=PATIENCE)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(sys.stdout if is_first() else nowhere):
        yield
        wait()
    _group = None
    distributed.destroy_process_group()


def from_first(make: Callable[[], T]) -> T:
    """What `make` returns in the first process, in all of them. Where it raises, the others leave without a word."""
    if _group is None:
        return make()
    from torch import distributed

    told: list[Any] = [None, False]
    if is_first():
        try:
            told = [make(), True]
        finally:
            distributed.broadcast_object_list(told, src=0, group=_group)
    else:
        distributed.broadcast_object_list(told, src=0, group=_group)
        if not told[1]:
            raise SystemExit(2)
    return told[0]


def share() -> tuple[int, int]:
    """Which of how many equal parts of a task is this process's."""
    return (0, 1) if _group is None else (index(), count())


def gather(item: T) -> list[T]:
    """Everybody's item, in the order of the processes, at everybody."""
    if _group is None:
        return [item]
    from torch import distributed

    found: list[Any] = [None] * count()
    distributed.all_gather_object(found, item, group=_group)
    return found


def wait() -> None:
    """Until everybody is here."""
    gather(None)


def node() -> tuple[int, int]:
    """The first process of this machine, and how many it has."""
    here = [i for i, name in enumerate(gather(gethostname())) if name == gethostname()]
    return here[0], len(here)


def same_count(environment: Path) -> None:
    """Call it before a run is resumed, with its `environment.json`. Raises ConfigError where it began with another
    number of processes: a step would learn from another batch."""
    try:
        text = environment.read_text(encoding="utf-8") if environment.is_file() else "{}"
        before = json.loads(text).get("processes", count())
    except (ValueError, AttributeError) as error:
        raise ConfigError(f"{environment} is torn ({error}): delete it, and resume with as many processes") from error
    if before != count():
        raise ConfigError(
            f"{environment.parent} was started with {before} process{'es' if before > 1 else ''}, and there "
            f"{'are' if count() > 1 else 'is'} {count()} now: resume it with --num_processes {before}"
        )
