"""One disease a file: `rules/entropy_collapse.py` holds the function `entropy_collapse`, and the same word names it
on the console, in `metrics.jsonl` and, as `health/entropy_collapse`, in the tracker. To add one, add its file and
its test.

A rule is a pure function of the history, silent (None) where the numbers it needs are not logged, so that it can look
at any trainer's run. A file may name in `EXPLAINS` the diseases that its own brings about: they are not told beside it.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

Rule = Callable[[History], Diagnosis | None]

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")


@cache
def load(name: str) -> Rule:
    """The rule of that name."""
    rule: Rule = getattr(import_module(f"rl.health.rules.{name}"), name)
    return rule


@cache
def explained_by(name: str) -> frozenset[str]:
    """The diseases that this one brings about."""
    return frozenset(getattr(import_module(f"rl.health.rules.{name}"), "EXPLAINS", ()))
