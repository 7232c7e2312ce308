"""The rows of one twin: keys hold, values are plausible, what the gold speaks of is there, just missed, or absent."""

from collections.abc import Mapping, Sequence
from random import Random

from envs.execution import Value
from envs.twins import joins
from envs.twins.declarations import Reference
from envs.twins.fill import Filler
from envs.twins.records import Profile
from envs.twins.style import style_of
from envs.twins.wishes import Wishes
from envs.values import Row

Rows = Mapping[str, Sequence[Row]]


def populate(profile: Profile, wishes: Wishes, seed: str, number: int) -> Rows:
    """The rows of twin `number`, by table name; the same for the same arguments."""
    rng = Random(f"{seed}:{number}")
    style = style_of(number, rng)
    found = joins.references(profile, wishes)
    hits, near = joins.raised(wishes.hits, found), joins.raised(wishes.near, found)
    needed = _needed(wishes, found)
    made: dict[str, list[dict[str, Value]]] = {}
    for table in joins.in_order(profile, found):
        filler = Filler(table, made, wishes, hits, near, style, rng)
        made[table.name.lower()] = filler.rows(found[table.name.lower()], table.name.lower() in needed)
    return {t.name: [tuple(r[c.name.lower()] for c in t.columns) for r in made[t.name.lower()]] for t in profile.tables}


def _needed(wishes: Wishes, found: Mapping[str, Sequence[Reference]]) -> set[str]:
    if not wishes.read:
        return set(found)
    needed = set(wishes.read)
    for name in wishes.read:
        needed.update(r.parent.lower() for r in found.get(name, ()))
    return needed
