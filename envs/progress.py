"""How far a long look at a task is, for the person who waits."""

import sys
from collections.abc import Callable
from time import monotonic

QUIET_SECONDS = 5.0
"""Between two lines; a short look says nothing."""

Tell = Callable[[str], None]


def progress() -> Tell:
    """Says on standard error how far it is, but not before it has taken a while."""
    last = monotonic()

    def tell(line: str) -> None:
        nonlocal last
        if monotonic() - last > QUIET_SECONDS:
            last = monotonic()
            print(line, file=sys.stderr, flush=True)

    return tell
