"""Looks at every log of a run with every rule, and says what has begun: the same live, resumed, and afterwards."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rl.health import rules
from rl.health.diagnosis import Diagnosis
from rl.health.history import History, Reading, is_evaluation, reading

GONE = 10
"""Steps of silence, a log at least, after which a disease counts as gone: one that comes and goes at its threshold
is told once."""


class Physician:
    """All that it knows follows from the lines it was given, so it is rebuilt by giving it a `metrics.jsonl` again."""

    def __init__(self, max_unscored_share: float = 0.5) -> None:
        self._train: list[Reading] = []
        self._evaluations: list[Reading] = []
        self._seen: dict[str, int] = {}
        self._max_unscored_share = max_unscored_share
        self.ill: tuple[Diagnosis, ...] = ()

    def look(self, line: Mapping[str, Any]) -> list[Diagnosis]:
        """What one line of `metrics.jsonl` shows for the first time, or again after it had gone; `ill` then holds
        everything that is wrong at this line, without what something else in it explains."""
        found = reading(line, self._train[-1].step if self._train else 0)
        if found is None:
            return []
        (self._evaluations if is_evaluation(found) else self._train).append(found)
        history = History(self._train, self._evaluations, self._max_unscored_share)
        told = [one for name in rules.NAMES if (one := rules.load(name)(history))]
        explained = {name for one in told for name in rules.explained_by(one.name)}
        before = {one.name for one in self.ill}
        self.ill = tuple(one for one in told if one.name not in explained)
        new = [
            one
            for one in self.ill
            if one.name not in before and found.step - self._seen.get(one.name, -GONE - 1) > GONE
        ]
        self._seen |= {one.name: found.step for one in self.ill}
        return new


def lines(metrics: Path) -> Iterator[dict[str, Any]]:
    """Of a `metrics.jsonl`; none where there is no file. A line that is being written, or is no log, is left out."""
    if not metrics.is_file():
        return
    for text in metrics.read_bytes().split(b"\n"):
        with suppress(ValueError):
            line = json.loads(text)
            if isinstance(line, dict) and isinstance(line.get("step"), int):
                yield line
