"""The lines of `metrics.jsonl`, and what of them a tracker does not hold yet: every name once at every step."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy.run_folder import RunFolder
from policy.tracking.names import TOTALS, tracker_name


def logged(folder: RunFolder) -> Iterator[dict[str, Any]]:
    """As the run has written them by now, up to a line that was cut when its process was killed."""
    if not folder.metrics.is_file():
        return
    for line in folder.metrics.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            yield json.loads(line)
        except ValueError:
            return


class Unseen:
    """`held` are the steps up to which a tracker holds each of its names, as `spelled` by it; they move on with what is
    given out. By name, because a run can be killed between two lines of one step: its losses, and then its evaluation.
    """

    def __init__(self, held: Mapping[str, int] | None = None, spelled: Callable[[str], str] = str) -> None:
        self._held, self._spelled = dict(held or {}), spelled

    def of(self, step: int, line: Mapping[str, Any]) -> dict[str, float]:
        """The numbers of a logged line by their names in a tracker, those of the whole run under `totals/`."""
        numbers = {
            self._spelled(f"totals/{name}" if name in TOTALS else tracker_name(name)): float(value)
            for name, value in line.items()
            if name not in ("step", "seconds") and isinstance(value, int | float) and not isinstance(value, bool)
        }
        new = {name: value for name, value in numbers.items() if step > self._held.get(name, -1)}
        self._held.update(dict.fromkeys(new, step))
        return new
