"""Domains that mean nothing: names drawn at random, so that a policy can only answer by reading the schema."""

import string
from random import Random
from typing import Any

from envs.worlds import words
from envs.worlds.vocabulary import Domain, loose_words

_SQL = """
add all alter analyze and as asc attach between by case cast check collate column commit constraint create cross
current database default delete desc distinct drop else end escape except exists explain filter for foreign from full
glob group groups having if in index inner insert instead intersect into is isnull join key left like limit match
natural no not notnull null of offset on or order others outer over partition plan pragma primary query raise range
references release rename replace right rollback row rows select set table temp then ties to transaction trigger union
unique update using vacuum values view virtual when where window with without
"""
RESERVED = frozenset(_SQL.split())
"""Words of SQL, which no name may be."""


def improvised(rng: Random, mutated: float = 0.0, suffixed: float = 0.0) -> Domain:
    """A domain that means nothing: names drawn at random, so that only reading the schema helps.

    `mutated` is the share of words with a letter changed, `suffixed` that of columns whose name ends in a unit or the
    like that a question does not say.
    """
    tables: dict[str, Any] = {}
    written = rng.choices(STYLES, (12, 2, 2, 1, 1))[0]
    taken: set[str] = set()
    for number in range(rng.choice((1, 1, 2, 2, 3))):
        noun = _noun(rng, taken, mutated)
        columns: dict[str, Any] = {}
        for at in range(rng.randint(3, 6)):
            phrase = _noun(rng, taken, mutated)
            spec = rng.choice(("name", "name", "person")) if at == 0 else _spec(rng)
            name = f"{phrase} {rng.choice(SUFFIXES)}" if at and rng.random() < suffixed else phrase
            columns[written(name)] = ({"type": spec} if isinstance(spec, str) else spec) | {"phrase": phrase}
        entry: dict[str, Any] = {"noun": noun, "columns": columns}
        if number and rng.random() < 0.85:
            earlier = list(tables)
            entry["belongs_to"] = rng.sample(earlier, rng.randint(1, min(2, len(earlier))))
        tables[written(noun if rng.random() < 0.25 else noun + "s")] = entry
    return tables


_UNSPOKEN = """
cm mm kg g m km l ml pct total count on at days hours minutes eur usd score level kind name no max
"""
SUFFIXES = _UNSPOKEN.split()


def _snake(phrase: str) -> str:
    return phrase.replace(" ", "_")


def _title(phrase: str) -> str:
    return "_".join(word.capitalize() for word in phrase.split())


def _camel(phrase: str) -> str:
    first, *rest = phrase.split()
    return first + "".join(word.capitalize() for word in rest)


def _upper(phrase: str) -> str:
    return _snake(phrase).upper()


def _squashed(phrase: str) -> str:
    return phrase.replace(" ", "")


STYLES = (_snake, _title, _camel, _upper, _squashed)


def _noun(rng: Random, taken: set[str], mutated: float) -> str:
    """One or two words, not used before in this domain and not a word of SQL."""
    while True:
        phrase = " ".join(_word(rng, mutated) for _ in range(rng.choice((1, 1, 2))))
        squashed = _squashed(phrase)
        if squashed not in taken and not RESERVED.intersection((squashed, squashed + "s")):
            taken.add(squashed)
            return phrase


def _word(rng: Random, mutated: float = 0.0) -> str:
    if rng.random() >= 0.6:
        return words.invented(rng)
    word = rng.choice(loose_words())
    if rng.random() >= mutated:
        return word
    at, letter = rng.randrange(1, len(word)), rng.choice(string.ascii_lowercase)
    return word[:at] + letter + word[at + rng.choice((0, 1)) :]


def _spec(rng: Random) -> Any:
    kind = rng.choice(("of", "of", "int", "int", "real", "year", "date", "place", "code"))
    if kind == "of":
        return {"of": sorted({_word(rng) for _ in range(rng.randint(3, 5))})}
    if kind == "year":
        return {"year": [1950, 2024]}
    if kind in ("int", "real"):
        low = rng.choice((0, 1, 5, 10, 100))
        return {kind: [low, low + rng.choice((10, 40, 90, 500, 5000))]}
    return kind
