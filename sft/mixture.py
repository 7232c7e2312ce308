"""Lessons of several kinds from the same questions, each kind by its share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import floor
from random import Random
from types import MappingProxyType

from envs.example import Example
from sft import lessons
from sft.lesson import Given, Lesson
from sft.lessons import TEXT_TO_SQL

ALONE: Mapping[str, float] = {TEXT_TO_SQL: 1.0}
"""What is taught where a config says nothing."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """`found` holds (kind, lesson) in the order of the questions, then of the kinds' names; `wanted` says how many of
    each kind were asked for, and a question that has no such lesson may have left it at fewer."""

    found: tuple[tuple[str, Lesson], ...]
    wanted: Mapping[str, int]


def mixed(
    examples: Sequence[Example],
    shares: Mapping[str, float],
    given: Given,
    settled: Mapping[str, Sequence[Lesson]] = MappingProxyType({}),
) -> Mixed:
    """Of every kind its share times as many lessons as there are examples: 2.25 goes round all of them twice, and then
    takes a quarter. Of which questions a part is taken follows from seed and ids, not from the order of the examples;
    one that has no such lesson is passed over for the next. The same for the same arguments, whatever else is mixed
    in. Of the kinds in `settled` those lessons are taken, and none is made.
    """
    places = {example.id: place for place, example in enumerate(examples)}
    found: list[tuple[int, int, int, str, Lesson]] = []
    wanted: dict[str, int] = {}
    for number, kind in enumerate(sorted(shares)):
        build, share = lessons.load(kind), shares[kind]
        part = floor((share - floor(share)) * len(examples) + 0.5)
        rounds = [len(examples)] * floor(share) + ([part] if part else [])
        wanted[kind] = sum(rounds)
        if kind in settled:
            found += [(places[one.example], number, at, kind, one) for at, one in enumerate(settled[kind])]
            continue
        order = sorted(examples, key=lambda example, kind=kind: Random(f"{given.seed}:{kind}:{example.id}").random())
        for around, count in enumerate(rounds):
            for one in islice(build(order, replace(given, around=around)), count):
                found.append((places[one.example], number, around, kind, one))
    found.sort(key=lambda each: each[:3])
    return Mixed(tuple((kind, one) for *_, kind, one in found), wanted)
