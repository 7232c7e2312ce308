"""Ways of choosing one of several answers: pure functions from the answers to the place of the one that is given.

One way a file: `eval/selectors/majority.py` holds `majority`, and the same word stands in tables. To add one, add its
file. A file may say `LEARNED = True` (it needs a reward model's logits), `LIKELY = True` (it needs log-probabilities),
`MEMBERS = 2` (it needs answers of so many policies at least), `FITTED = True` (it needs their weights) or `MOST = 1`
(it looks at no more answers).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from eval.candidates import Answer

Choose = Callable[[Sequence[Answer]], int]

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")


@dataclass(frozen=True, slots=True)
class Selector:
    """`what` is the first line of its file; `most` answers are looked at, None means all; `members` is of how many
    policies it needs answers, at least."""

    name: str
    what: str
    choose: Choose
    learned: bool
    likely: bool
    most: int | None
    members: int
    fitted: bool


def load(name: str) -> Selector:
    """The way of that name."""
    if name not in NAMES:
        raise ValueError(f"no way of choosing named {name!r}; eval/selectors/ has: {', '.join(NAMES)}")
    file = import_module(f"eval.selectors.{name}")
    what = (file.__doc__ or "").split("\n")[0].rstrip(".")
    learned, likely, fitted = (getattr(file, flag, False) for flag in ("LEARNED", "LIKELY", "FITTED"))
    most, members = getattr(file, "MOST", None), getattr(file, "MEMBERS", 1)
    return Selector(name, what, getattr(file, name), learned, likely, most, members, fitted)
