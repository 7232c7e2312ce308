"""Twins: copies of a database with other rows, on which a query that is right by accident stops being right.

`envs.twins.profile` looks at a database, `make` writes twins for a gold, `choose` keeps those that tell the gold from
its mutants.
"""

from envs.example import Engine
from envs.twins.records import Profile, Run, Twin, from_json, to_json

__all__ = ["Profile", "Run", "Twin", "choose", "from_json", "make", "to_json"]


def make(profile: Profile, gold_sql: str, dialect: str, engine: Engine, count: int = 6, seed: int = 0) -> list[str]:
    """The scripts of `count` twins, the same for the same arguments; without a gold ("") they are about any query."""
    from envs.twins.populate import populate
    from envs.twins.script import script
    from envs.twins.wishes import wishes

    wished = wishes(gold_sql, dialect, profile)
    return [script(profile, populate(profile, wished, f"{seed}:{gold_sql}", i), engine) for i in range(count)]


def choose(
    profile: Profile, gold_sql: str, dialect: str, engine: Engine, run: Run, count: int = 6, seed: int = 0
) -> list[Twin]:
    """At most `count` twins that together tell the gold from the most mutants of it; see `selection.choose`."""
    from envs.twins import selection

    return selection.choose(profile, gold_sql, dialect, engine, run, count, seed)
