"""The flips of one direction, by how the wrong answer is wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eval.head_to_head.flips import Flip

FIRST = 3
"""Flips of every error that come before the further ones of any."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`shown` are some of its `count` flips, the largest changes first."""

    error: str
    count: int
    shown: tuple[Flip, ...]


def kinds(flips: Sequence[Flip], gained: bool, most: int) -> list[Kind]:
    """The errors with the most flips first. In all at most `most` flips, as far as possible some of every error; those
    of a smaller `most` are among those of a larger one."""
    found = [flip for flip in flips if flip.gained is gained]
    seen: Counter[str] = Counter()
    first: list[Flip] = []
    rest: list[Flip] = []
    for flip in found:
        seen[flip.error] += 1
        (first if seen[flip.error] <= FIRST else rest).append(flip)
    chosen = (first + rest)[:most]
    return [
        Kind(error, count, tuple(flip for flip in chosen if flip.error == error)) for error, count in seen.most_common()
    ]
