"""Counts, sums, averages, extremes, groups and conditions on groups, over one table."""

from random import Random

from envs.worlds.questions.phrasing import (
    AGGREGATES,
    Asked,
    amount_column,
    any_table,
    condition,
    conditions,
    one_of,
    pick,
    request,
)
from envs.worlds.world import World

COMPLEXITY = "aggregation"


def count(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    where = conditions(rng, table) if rng.random() < 0.85 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"How many {table.plural}{tail} are there?",
        f"Count the {table.plural}{tail}.",
        f"What is the number of {table.plural}{tail}?",
        f"How many {table.plural} do we have{tail}?",
        f"Give the count of {table.plural}{tail}.",
    )
    return Asked(question, f"SELECT COUNT(*) FROM {table.name}" + (f" WHERE {where.sql}" if where else ""))


def summary(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number = amount_column(rng, table)
    if number is None:
        return None
    function = rng.choice(list(AGGREGATES))
    word = rng.choice(AGGREGATES[function])
    where = condition(rng, table, besides=number) if rng.random() < 0.6 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        request(rng, f"the {word} {number.phrase} of {table.plural}{tail}"),
        request(rng, f"the {word} {number.phrase} among all {table.plural}{tail}"),
        request(rng, f"the {word} {number.phrase} over {table.plural}{tail}"),
    )
    return Asked(
        question, f"SELECT {function}({number.name}) FROM {table.name}" + (f" WHERE {where.sql}" if where else "")
    )


def count_by(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    group = pick(rng, table.of_kind("of"))
    if group is None:
        return None
    where = condition(rng, table, besides=group) if rng.random() < 0.3 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"How many {table.plural}{tail} are there for each {group.phrase}?",
        f"Count the {table.plural}{tail} by {group.phrase}.",
        f"For each {group.phrase}, show the number of {table.plural}{tail}.",
        f"Show each {group.phrase} and how many {table.plural}{tail} it has.",
        f"Break down the number of {table.plural}{tail} per {group.phrase}.",
    )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(question, f"SELECT {group.name}, COUNT(*) FROM {table.name}{filter_sql} GROUP BY {group.name}")


def summary_by(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    group, number = pick(rng, table.of_kind("of")), amount_column(rng, table)
    if group is None or number is None:
        return None
    function = rng.choice(list(AGGREGATES))
    word = rng.choice(AGGREGATES[function])
    where = condition(rng, table, besides=group) if rng.random() < 0.25 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"What is the {word} {number.phrase} of {table.plural}{tail} for each {group.phrase}?",
        f"For each {group.phrase}, show the {word} {number.phrase} of {table.plural}{tail}.",
        f"Show every {group.phrase} with the {word} {number.phrase} of its {table.plural}{tail}.",
        f"Give the {word} {number.phrase} of {table.plural}{tail} by {group.phrase}.",
    )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(
        question, f"SELECT {group.name}, {function}({number.name}) FROM {table.name}{filter_sql} GROUP BY {group.name}"
    )


def having(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    group = pick(rng, table.of_kind("of"))
    if group is None:
        return None
    least, operator = rng.randint(2, 4), rng.choice((">", ">="))
    how = one_of(rng, "more than", "over") if operator == ">" else one_of(rng, "at least", "no fewer than")
    number = amount_column(rng, table)
    if number is not None and rng.random() < 0.4:
        level = rng.choice(table.cells(number))
        how = one_of(rng, "above", "over") if operator == ">" else "at least"
        question = one_of(
            rng,
            f"Which {group.phrase} values have an average {number.phrase} {how} {level} among {table.plural}?",
            f"Show each {group.phrase} whose {table.plural} have an average {number.phrase} {how} {level}.",
        )
        test = f"AVG({number.name}) {operator} {level}"
    else:
        question = one_of(
            rng,
            f"Which {group.phrase} values have {how} {least} {table.plural}?",
            f"Show each {group.phrase} that occurs for {how} {least} {table.plural}.",
            f"List the {group.phrase} values shared by {how} {least} {table.plural}.",
        )
        test = f"COUNT(*) {operator} {least}"
    return Asked(question, f"SELECT {group.name} FROM {table.name} GROUP BY {group.name} HAVING {test}")


def count_distinct(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    column = pick(rng, table.of_kind("of", "place"))
    if column is None:
        return None
    where = condition(rng, table, besides=column) if rng.random() < 0.3 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"How many different {column.phrase} values are there among {table.plural}{tail}?",
        f"Count the distinct {column.phrase} values of {table.plural}{tail}.",
        f"How many unique {column.phrase} values do {table.plural}{tail} have?",
    )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(question, f"SELECT COUNT(DISTINCT {column.name}) FROM {table.name}{filter_sql}")


def commonest(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    group = pick(rng, table.of_kind("of"))
    if group is None:
        return None
    sizes = sorted((table.cells(group).count(value) for value in set(table.cells(group))), reverse=True)
    most = rng.random() < 0.7
    if len(sizes) < 2 or (sizes[0] == sizes[1] if most else sizes[-1] == sizes[-2]):
        return None
    question = one_of(
        rng,
        f"Which {group.phrase} is the {'most' if most else 'least'} common among {table.plural}?",
        f"What {group.phrase} do the {'most' if most else 'fewest'} {table.plural} have?",
        f"Find the {group.phrase} with the {'highest' if most else 'lowest'} number of {table.plural}.",
    )
    order = "DESC" if most else "ASC"
    return Asked(
        question, f"SELECT {group.name} FROM {table.name} GROUP BY {group.name} ORDER BY COUNT(*) {order} LIMIT 1"
    )


SHAPES = (count, count, summary, summary, count_by, summary_by, having, count_distinct, commonest)
