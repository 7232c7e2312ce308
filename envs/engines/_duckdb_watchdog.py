"""One thread that interrupts DuckDB statements at their deadlines, again and again until each of them ends.

An interrupt that comes before the execution starts is dropped (https://github.com/duckdb/duckdb-rs/issues/860).
"""

import math
import os
import threading
import time
from typing import Protocol

TICK = 0.01
"""Seconds between two looks at the clock while statements run."""
PATIENCE = 50
"""Looks in a row without a statement after which the thread sleeps until the next one."""


class Interruptible(Protocol):
    """A DuckDB connection. This module does not import DuckDB, which a sleeping thread would keep from unloading."""

    def interrupt(self) -> None: ...


class Watchdog:
    """Arming is storing a deadline; the thread starts with the first one, and anew in a forked process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As if it had never been armed: threads do not survive a fork."""
        self._handle: Interruptible | None = None
        self._end = math.inf
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._awake = False
        self._started = False

    def arm(self, handle: Interruptible, seconds: float) -> None:
        """From that many seconds on, interrupt whatever `handle` runs."""
        self._handle = handle
        self._end = time.monotonic() + seconds
        if not self._awake:
            self._awake = True
            self._wake.set()
            if not self._started:
                self._started = True
                threading.Thread(target=self._watch, name="duckdb-watchdog", daemon=True).start()

    def disarm(self) -> None:
        """No interrupt comes after this returns."""
        with self._lock:
            self._end = math.inf
            self._handle = None

    def _watch(self) -> None:
        idle = 0
        while True:
            time.sleep(TICK)
            with self._lock:
                idle = idle + 1 if self._end == math.inf else 0
                if self._handle is not None and time.monotonic() > self._end:
                    self._handle.interrupt()
            if idle > PATIENCE:
                idle = 0
                self._awake = False
                if self._end == math.inf:  # else it was armed between the look and the line above
                    self._wake.wait()
                self._wake.clear()
                self._awake = True


watchdog = Watchdog()
os.register_at_fork(after_in_child=watchdog.reset)
