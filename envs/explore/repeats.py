"""Is it leaking? What occurs twice inside a split, and what one split has from another."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from envs.example import Example
from envs.explore.near import near_pairs
from envs.explore.shown import shown
from envs.explore.texts import gold_key, question_key, template_key

SHOWN = 3
"""Pairs kept of each kind."""

NEAR = "nearly the same question"
NEAR_THERE = "nearly the same question, same database"


@dataclass(frozen=True, slots=True)
class Keys:
    """By what one example is found again; `template` is its gold with `?` for each value."""

    question: str
    schema: str
    database: str
    gold: str
    template: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Ids of two examples of one kind, the later first, and their questions and golds. `alike` is 1.0 where exact."""

    ids: tuple[str, str]
    questions: tuple[str, str]
    golds: tuple[str, str]
    alike: float


@dataclass(frozen=True, slots=True)
class Kind:
    """`count` examples of the later split (inside a split: beyond the first of their kind) are there already."""

    what: str
    count: int
    first: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """What of `later` (its number of `examples` and `databases`) is in `earlier`; `shared` counts common databases."""

    earlier: str
    later: str
    examples: int
    databases: int
    shared: int
    kinds: tuple[Kind, ...]

    def count(self, what: str) -> int:
        return next(kind.count for kind in self.kinds if kind.what == what)


QUESTION = "same question"
QUESTION_THERE = "same question, same schema"
GOLD = "same gold"
TEMPLATE = "same gold but for values"
SCHEMA = "same schema"
DATABASE = "same database"

INSIDE: dict[str, Callable[[Keys], Hashable]] = {
    QUESTION: lambda keys: keys.question,
    QUESTION_THERE: lambda keys: (keys.question, keys.schema),
    GOLD: lambda keys: keys.gold,
    TEMPLATE: lambda keys: keys.template,
}
BETWEEN: dict[str, Callable[[Keys], Hashable]] = {
    **INSIDE,
    SCHEMA: lambda keys: keys.schema,
    DATABASE: lambda keys: keys.database,
}


def keys_of(example: Example) -> Keys:
    """An empty schema is of its own database only."""
    schema = " ".join(example.schema.split()) or f"none of {example.schema_id}"
    names = shown(example.schema, example.dialect).names
    return Keys(
        question_key(example.question),
        schema,
        example.schema_id,
        gold_key(example.gold_sql),
        template_key(example.gold_sql, names),
    )


def repeats(examples: Sequence[Example], keys: Sequence[Keys]) -> tuple[Kind, ...]:
    """What occurs more than once inside one split."""
    return tuple(_repeated(what, key, examples, keys) for what, key in INSIDE.items())


def leak(
    earlier: tuple[str, Sequence[Example], Sequence[Keys]], later: tuple[str, Sequence[Example], Sequence[Keys]]
) -> Leak:
    """What `later` has from `earlier`, both a name, its examples and their keys."""
    (name, ours, our_keys), (other, theirs, their_keys) = earlier, later
    databases = {keys.database for keys in their_keys}
    kinds: list[Kind] = []
    for what, key in BETWEEN.items():
        known = {key(keys): i for i, keys in reversed(list(enumerate(our_keys)))}
        found = [(j, known[key(keys)]) for j, keys in enumerate(their_keys) if key(keys) in known]
        kinds.append(Kind(what, len(found), tuple(_pair(theirs[j], ours[i]) for j, i in found[:SHOWN])))
    kinds += _near(ours, our_keys, theirs, their_keys)
    shared = len(databases & {keys.database for keys in our_keys})
    return Leak(name, other, len(theirs), len(databases), shared, tuple(kinds))


def _repeated(what: str, key: Callable[[Keys], Hashable], examples: Sequence[Example], keys: Sequence[Keys]) -> Kind:
    known: dict[Hashable, int] = {}
    found = [(j, i) for j, each in enumerate(keys) if (i := known.setdefault(key(each), j)) != j]
    return Kind(what, len(found), tuple(_pair(examples[j], examples[i]) for j, i in found[:SHOWN]))


def _near(
    ours: Sequence[Example], our_keys: Sequence[Keys], theirs: Sequence[Example], their_keys: Sequence[Keys]
) -> list[Kind]:
    """Near duplicates, the same question included: of any, and of one about the same database."""
    best: dict[int, tuple[float, int]] = {}
    there: dict[int, tuple[float, int]] = {}
    for j, i, alike in near_pairs([k.question for k in our_keys], [k.question for k in their_keys]):
        best[j] = max(best.get(j, (0.0, 0)), (alike, i), key=lambda found: found[0])
        if our_keys[i].database == their_keys[j].database:
            there[j] = max(there.get(j, (0.0, 0)), (alike, i), key=lambda found: found[0])
    return [
        Kind(what, len(found), tuple(_pair(theirs[j], ours[i], alike) for j, (alike, i) in _nearest(found)))
        for what, found in ((NEAR, best), (NEAR_THERE, there))
    ]


def _nearest(found: dict[int, tuple[float, int]]) -> list[tuple[int, tuple[float, int]]]:
    """The most alike that are not equal first; the equal ones have a line of their own."""
    return sorted(found.items(), key=lambda item: (item[1][0] == 1.0, -item[1][0], item[0]))[:SHOWN]


def _pair(later: Example, earlier: Example, alike: float = 1.0) -> Pair:
    return Pair(
        (later.id, earlier.id),
        (later.question, earlier.question),
        (later.gold_sql, earlier.gold_sql),
        round(alike, 3),
    )
