"""Kinds of corruption, one a file: `kinds/wrong_column.py` holds `wrong_column`; the file list is the registry.

A kind is a rule as those of `envs.twins.mutants`: for one node of the gold's tree it yields what the node may be
replaced with, None for nothing at all, and never changes the node itself. To add one, add its file and its cases to
`tests/envs/test_corruption_kinds.py`.
"""

from importlib import import_module
from pathlib import Path

from envs.twins.mutants import Rule

NAMES = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if f.stem != "__init__")


def load(name: str) -> Rule:
    """The rule of that name."""
    if name not in NAMES:
        raise ValueError(f"no corruption named {name!r}; envs/corruption/kinds/ has: {', '.join(NAMES)}")
    rule: Rule = getattr(import_module(f"envs.corruption.kinds.{name}"), name)
    return rule
