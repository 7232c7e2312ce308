"""UNION, INTERSECT and EXCEPT of two filters."""

from random import Random

from envs.worlds.questions.phrasing import Asked, any_table, condition, one_of, pick
from envs.worlds.questions.single_join import link
from envs.worlds.world import World

COMPLEXITY = "set operations"


def two_filters(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    column = pick(rng, table.of_kind("of"))
    if column is None:
        return None
    first = condition(rng, table, besides=column)
    second = condition(rng, table, besides=column)
    if first is None or second is None or first.sql == second.sql:
        return None
    operator = rng.choice(("UNION", "INTERSECT", "EXCEPT"))
    one, two = f"{table.plural} {first.english}", f"{table.plural} {second.english}"
    if operator == "INTERSECT":
        question = one_of(
            rng,
            f"Which {column.phrase} values occur both among {one} and among {two}?",
            f"Show the {column.phrase} values shared by {one} and {two}.",
        )
    elif operator == "EXCEPT":
        question = one_of(
            rng,
            f"Which {column.phrase} values occur among {one} but not among {two}?",
            f"Show the {column.phrase} values of {one}, leaving out those of {two}.",
        )
    else:
        question = one_of(
            rng,
            f"Show the {column.phrase} values of {one} together with those of {two}, each once.",
            f"Which {column.phrase} values occur among {one}, among {two}, or in both? No repeats.",
        )
    select = f"SELECT {column.name} FROM {table.name} WHERE"
    return Asked(question, f"{select} {first.sql} {operator} {select} {second.sql}")


def keys_without(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    where = condition(rng, child)
    if where is None:
        return None
    operator = rng.choice(("INTERSECT", "EXCEPT"))
    question = (
        one_of(
            rng,
            f"Which {parent.noun} ids appear in {parent.plural} and also in {child.plural} {where.english}?",
            f"Show the ids of {parent.plural} that also occur in {child.plural} {where.english}.",
        )
        if operator == "INTERSECT"
        else one_of(
            rng,
            f"Which {parent.noun} ids never appear in {child.plural} {where.english}?",
            f"Show the ids of {parent.plural}, except those found in {child.plural} {where.english}.",
        )
    )
    return Asked(
        question, f"SELECT {parent.key} FROM {parent.name} {operator} SELECT {key} FROM {child.name} WHERE {where.sql}"
    )


SHAPES = (two_filters, two_filters, keys_without)
