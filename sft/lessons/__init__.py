"""Kinds of lessons, one a file: `lessons/repair.py` holds `repair`; the file list is the registry.

A kind goes through questions in the order given and yields a lesson for each that has one, lazily, so that no more is
made than is taken. It is asked for by its share in a config's `lessons`. To add one, add its file and a case to
`tests/sft/test_lessons.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from envs.example import Example
from sft.lesson import Given, Lesson

Kind = Callable[[Sequence[Example], Given], Iterator[Lesson]]
TEXT_TO_SQL = "text_to_sql"
"""What every held-out question asks for, and all that is taught where nothing is said."""
NAMES = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if f.stem != "__init__")


def about(name: str) -> str:
    """What a lesson of this kind shows and asks for, in a line."""
    told = import_module(f"sft.lessons.{name}").__doc__ or ""
    return " ".join(told.split("\n\n")[0].split()).rstrip(".")


def load(name: str) -> Kind:
    """The kind of that name. Raises ValueError where there is none."""
    if name not in NAMES:
        raise ValueError(f"no lesson named {name!r}; sft/lessons/ has: {', '.join(NAMES)}")
    kind: Kind = getattr(import_module(f"sft.lessons.{name}"), name)
    return kind
