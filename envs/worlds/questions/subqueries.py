"""Queries inside queries: averages, extremes, membership, absence, likeness."""

from random import Random

from envs.worlds.questions.phrasing import (
    Asked,
    amount_column,
    any_table,
    condition,
    label_or_any,
    number_column,
    one_of,
    pick,
    request,
)
from envs.worlds.questions.single_join import link
from envs.worlds.world import World, literal

COMPLEXITY = "subqueries"


def beside_average(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number = amount_column(rng, table)
    if number is None:
        return None
    label, above = label_or_any(rng, table), rng.random() < 0.5
    how = (
        one_of(rng, "above", "higher than", "greater than")
        if above
        else one_of(rng, "below", "lower than", "less than")
    )
    question = one_of(
        rng,
        f"Which {table.plural} have a {number.phrase} {how} the average? Show the {label.phrase}.",
        request(rng, f"the {label.phrase} of {table.plural} whose {number.phrase} is {how} average"),
        request(
            rng, f"the {label.phrase} of {table.plural} with a {number.phrase} {how} the mean of all {table.plural}"
        ),
    )
    return Asked(
        question,
        f"SELECT {label.name} FROM {table.name} WHERE {number.name} {'>' if above else '<'} "
        f"(SELECT AVG({number.name}) FROM {table.name})",
    )


def at_extreme(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number = number_column(rng, table)
    if number is None:
        return None
    label, most = label_or_any(rng, table), rng.random() < 0.5
    word = one_of(rng, "highest", "maximum", "largest") if most else one_of(rng, "lowest", "minimum", "smallest")
    question = one_of(
        rng,
        request(
            rng, f"the {label.phrase} of all {table.plural} whose {number.phrase} equals the {word} {number.phrase}"
        ),
        f"Which {table.plural} reach the {word} {number.phrase}, ties included? Show the {label.phrase}.",
    )
    function = "MAX" if most else "MIN"
    return Asked(
        question,
        f"SELECT {label.name} FROM {table.name} WHERE {number.name} = "
        f"(SELECT {function}({number.name}) FROM {table.name})",
    )


def childless(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label = parent.label
    if label is None:
        return None
    where = condition(rng, child) if rng.random() < 0.4 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"Which {parent.plural} have no {child.plural}{tail}? Show the {label.phrase}.",
        f"List the {label.phrase} of {parent.plural} without any {child.plural}{tail}.",
        f"Show the {label.phrase} of every {parent.noun} that never had a {child.noun}{tail}.",
    )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(
        question,
        f"SELECT {label.name} FROM {parent.name} WHERE {parent.key} NOT IN "
        f"(SELECT {key} FROM {child.name}{filter_sql})",
    )


def having_child(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    where = condition(rng, child)
    label = parent.label
    if where is None or label is None:
        return None
    column = pick(rng, [c for c in parent.columns if c.kind not in ("key", "foreign")]) or label
    question = one_of(
        rng,
        request(rng, f"the {column.phrase} of {parent.plural} that have at least one {child.noun} {where.english}"),
        request(rng, f"the {column.phrase} of each {parent.noun} with one or more {child.plural} {where.english}"),
    )
    return Asked(
        question,
        f"SELECT {column.name} FROM {parent.name} WHERE {parent.key} IN "
        f"(SELECT {key} FROM {child.name} WHERE {where.sql})",
    )


def like_another(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    column, label = pick(rng, table.of_kind("of", "place")), table.label
    if column is None or label is None:
        return None
    who = rng.choice(table.cells(label))
    question = one_of(
        rng,
        f"Which {table.plural} have the same {column.phrase} as {who}? Show the {label.phrase}.",
        request(rng, f"the {label.phrase} of {table.plural} that share their {column.phrase} with {who}"),
    )
    return Asked(
        question,
        f"SELECT {label.name} FROM {table.name} WHERE {column.name} = "
        f"(SELECT {column.name} FROM {table.name} WHERE {label.name} = {literal(who)})",
    )


def beyond_another(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number, label = number_column(rng, table), table.label
    if number is None or label is None:
        return None
    who, more = rng.choice(table.cells(label)), rng.random() < 0.5
    how = one_of(rng, "a higher", "a greater", "a larger") if more else one_of(rng, "a lower", "a smaller")
    question = one_of(
        rng,
        f"Which {table.plural} have {how} {number.phrase} than {who}? Show the {label.phrase}.",
        request(rng, f"the {label.phrase} of {table.plural} with {how} {number.phrase} than {who}"),
    )
    return Asked(
        question,
        f"SELECT {label.name} FROM {table.name} WHERE {number.name} {'>' if more else '<'} "
        f"(SELECT {number.name} FROM {table.name} WHERE {label.name} = {literal(who)})",
    )


SHAPES = (beside_average, beside_average, at_extreme, childless, having_child, like_another, beyond_another)
