"""Fewer examples with the distribution kept: the same share of every bucket, chosen from a seed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Literal, get_args

from envs.complexity import LEVELS, complexity
from envs.example import Example

By = Literal["evidence_length", "complexity", "database"]
CHOICES: tuple[By, ...] = get_args(By)
EVIDENCE = ("none", "1 to 10 words", "11 to 25 words", "over 25 words")
"""The buckets of `evidence_length`, as the seed project malvinsug/text-2-sql-finetuner divides BIRD's evidence."""
ORDER = (*EVIDENCE, *LEVELS, "simple", "moderate", "challenging", "easy", "medium", "hard", "extra")
"""Buckets that have an order of their own; others come after these, by name."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many examples of one kind there were, and how many are kept."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """The examples that are kept, in their order, and what that did to the distribution."""

    kept: tuple[Example, ...]
    by: By
    histogram: tuple[Bucket, ...]

    def markdown(self) -> str:
        """The histogram as a table: each bucket's count and share before and after, and the sum."""
        before, after = sum(b.before for b in self.histogram), sum(b.after for b in self.histogram)
        rows = [*self.histogram, Bucket("all", before, after)]
        lines = [f"| {self.by} | before | % | after | % |", "|---|---:|---:|---:|---:|"]
        for bucket in rows:
            name = bucket.name.replace("|", "\\|")
            shares = [100 * part / max(1, of) for part, of in ((bucket.before, before), (bucket.after, after))]
            lines.append(f"| {name} | {bucket.before:,} | {shares[0]:.1f} | {bucket.after:,} | {shares[1]:.1f} |")
        return "\n".join(lines)


def sample(examples: Sequence[Example], by: By, share: float, seed: int) -> Sampled:
    """`share` of the examples, at least one, with each bucket within one example of its share of them.

    The buckets are those of the evidence's length in words, of `envs.complexity`, or the databases (`schema_id`). Every
    bucket gets the whole number below its due; what is left goes first to buckets that would have none, so that none is
    emptied where that can be helped, then to the largest remainders. Which examples a bucket keeps depends on the seed
    and their ids, not on their order. Raises ValueError on an unknown `by` or a share that is not above 0 and up to 1.
    """
    if by not in CHOICES:
        raise ValueError(f"examples cannot be sampled by {by!r}; the choices are {', '.join(CHOICES)}")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; it must be above 0 and at most 1, where 0.4 keeps four of ten examples")
    buckets: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        buckets.setdefault(BUCKET[by](example), []).append(place)
    names = sorted(buckets, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    sizes = {name: len(buckets[name]) for name in names}
    seats = _seats(sizes, share)
    chosen = [place for name in names for place in _first(buckets[name], examples, seed)[: seats[name]]]
    histogram = tuple(Bucket(name, sizes[name], seats[name]) for name in names)
    return Sampled(tuple(examples[place] for place in sorted(chosen)), by, histogram)


def evidence_length(example: Example) -> str:
    """The bucket of an example by the words of its evidence."""
    words = len(example.evidence.split())
    return EVIDENCE[(words > 0) + (words > 10) + (words > 25)]


BUCKET: Mapping[By, Callable[[Example], str]] = {
    "evidence_length": evidence_length,
    "complexity": complexity,
    "database": lambda example: example.schema_id,
}


def _seats(sizes: Mapping[str, int], share: float) -> dict[str, int]:
    """How many of each bucket are kept: `round(share * all)` of them together, half a one rounded up."""
    everything = sum(sizes.values())
    if not everything:
        return {}
    kept = max(1, floor(share * everything + 0.5))
    seats = {name: kept * size // everything for name, size in sizes.items()}
    left = kept - sum(seats.values())
    order = sorted(sizes, key=lambda name: (seats[name] > 0, -(kept * sizes[name] % everything)))
    for name in order[:left]:
        seats[name] += 1
    return seats


def _first(places: Sequence[int], examples: Sequence[Example], seed: int) -> list[int]:
    """A bucket's places in an order that only the seed and the ids decide."""
    return sorted(places, key=lambda place: hashlib.sha256(f"{seed} {examples[place].id}".encode()).digest())
