"""Ranks, numbered rows, running totals and distances from a group's average."""

from random import Random

from envs.worlds.questions.phrasing import Asked, amount_column, any_table, label_or_any, number_column, one_of, pick
from envs.worlds.world import World

COMPLEXITY = "window functions"


def rank(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number = number_column(rng, table)
    if number is None or len(table.cells(number)) < len(table.rows):
        return None
    label, down = label_or_any(rng, table), rng.random() < 0.6
    first = "highest first" if down else "lowest first"
    group = pick(rng, table.of_kind("of")) if rng.random() < 0.4 else None
    within = f" within each {group.phrase}" if group else ""
    question = one_of(
        rng,
        f"Rank the {table.plural} by {number.phrase}{within}, {first}; show the {label.phrase} and the rank.",
        f"Show the {label.phrase} of each {table.noun} and its rank by {number.phrase}{within}, {first}.",
    )
    part = f"PARTITION BY {group.name} " if group else ""
    return Asked(
        question,
        f"SELECT {label.name}, RANK() OVER ({part}ORDER BY {number.name} {'DESC' if down else 'ASC'}) "
        f"FROM {table.name}",
    )


def running_total(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number, date = amount_column(rng, table), pick(rng, table.of_kind("date"))
    if number is None or date is None or len(set(table.cells(date))) < len(table.rows):
        return None
    question = one_of(
        rng,
        f"Show each {date.phrase} and the running total of {number.phrase} over {table.plural} by {date.phrase}.",
        f"Give the {date.phrase} of every {table.noun} with the cumulative {number.phrase} up to it.",
    )
    return Asked(
        question,
        f"SELECT {date.name}, SUM({number.name}) OVER (ORDER BY {date.name}) FROM {table.name}",
    )


def beside_group(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number, group = amount_column(rng, table), pick(rng, table.of_kind("of"))
    if number is None or group is None:
        return None
    label = label_or_any(rng, table)
    question = one_of(
        rng,
        f"Show the {label.phrase} of each {table.noun} and the average {number.phrase} of its {group.phrase}.",
        f"For every {table.noun}, give the {label.phrase} beside the average {number.phrase} within the same "
        f"{group.phrase}.",
    )
    return Asked(
        question,
        f"SELECT {label.name}, AVG({number.name}) OVER (PARTITION BY {group.name}) FROM {table.name}",
    )


SHAPES = (rank, rank, running_total, beside_group)
