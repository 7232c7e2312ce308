"""Named subqueries: a summary is computed first, then asked about."""

from random import Random

from envs.worlds.questions.phrasing import Asked, amount_column, any_table, one_of, pick
from envs.worlds.questions.single_join import link
from envs.worlds.world import World

COMPLEXITY = "CTEs"


def groups_above(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    group, number = pick(rng, table.of_kind("of")), amount_column(rng, table)
    if group is None or number is None:
        return None
    function, word = rng.choice((("AVG", "average"), ("SUM", "total"), ("MAX", "highest")))
    level = rng.choice(table.cells(number))
    question = one_of(
        rng,
        f"First compute the {word} {number.phrase} of {table.plural} for each {group.phrase}; then show the "
        f"{group.phrase} and that value where it is above {level}.",
        f"Using a summary of the {word} {number.phrase} per {group.phrase} of {table.plural}, list each {group.phrase} "
        f"and its value above {level}.",
    )
    return Asked(
        question,
        f"WITH summary AS (SELECT {group.name}, {function}({number.name}) AS value FROM {table.name} "
        f"GROUP BY {group.name}) SELECT {group.name}, value FROM summary WHERE value > {level}",
    )


def busy_parents(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label = parent.label
    if label is None:
        return None
    least = rng.randint(2, 4)
    question = one_of(
        rng,
        f"First count the {child.plural} of each {parent.noun}; then show the {label.phrase} and count of "
        f"{parent.plural} with at least {least}.",
        f"Using a summary of {child.plural} per {parent.noun}, list the {label.phrase} and count of those "
        f"{parent.plural} with {least} or more.",
    )
    return Asked(
        question,
        f"WITH summary AS (SELECT {key}, COUNT(*) AS value FROM {child.name} GROUP BY {key}) "
        f"SELECT T1.{label.name}, T2.value FROM {parent.name} AS T1 JOIN summary AS T2 ON T1.{parent.key} = T2.{key} "
        f"WHERE T2.value >= {least}",
    )


SHAPES = (groups_above, busy_parents)
