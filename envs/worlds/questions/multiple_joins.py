"""Three tables: a child joined to both of its parents, or a chain of two links."""

from random import Random

from envs.worlds.questions.phrasing import Asked, condition, one_of, pick, request
from envs.worlds.questions.single_join import own
from envs.worlds.world import Table, World, literal

COMPLEXITY = "multiple_joins"


def pair(world: World, rng: Random) -> tuple[Table, Table, Table, str] | None:
    """A child, two labelled tables it leads to, and the FROM clause that joins them as T1, T2, T3."""
    found: list[tuple[Table, Table, Table, str]] = []
    for child, key, parent in world.links():
        for other, other_key, target in world.links():
            if target is parent or target.label is None or parent.label is None:
                continue
            via = "T1" if other is child else "T2" if other is parent else ""
            if via:
                clause = (
                    f"FROM {child.name} AS T1 JOIN {parent.name} AS T2 ON T1.{key} = T2.{parent.key} "
                    f"JOIN {target.name} AS T3 ON {via}.{other_key} = T3.{target.key}"
                )
                found.append((child, parent, target, clause))
    return rng.choice(found) if found else None


def both_names(world: World, rng: Random) -> Asked | None:
    at = pair(world, rng)
    if at is None:
        return None
    child, one, two, clause = at
    assert one.label and two.label
    table, alias = rng.choice(((child, "T1"), (one, "T2"), (two, "T3")))
    where = condition(rng, table, alias) if rng.random() < 0.5 else None
    tail = f", only for {table.plural} {where.english}" if where else ""
    question = one_of(
        rng,
        f"For each {child.noun}, show the {one.label.phrase} of the {one.noun} and the {two.label.phrase} of the "
        f"{two.noun}{tail}.",
        request(
            rng,
            f"the {one.label.phrase} of the {one.noun} and the {two.label.phrase} of the {two.noun} for every "
            f"{child.noun}{tail}",
        ),
    )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(question, f"SELECT T2.{one.label.name}, T3.{two.label.name} {clause}{filter_sql}")


def named_and_condition(world: World, rng: Random) -> Asked | None:
    at = pair(world, rng)
    if at is None:
        return None
    child, one, two, clause = at
    assert one.label and two.label
    who, where = rng.choice(one.cells(one.label)), condition(rng, two, "T3")
    if where is None:
        return None
    column = pick(rng, own(child))
    if column is None or rng.random() < 0.5:
        select = "COUNT(*)"
        question = one_of(
            rng,
            f"How many {child.plural} of the {one.noun} {who} involve {two.plural} {where.english}?",
            f"Count the {child.plural} that belong to the {one.noun} {who} and to {two.plural} {where.english}.",
        )
    else:
        select = f"T1.{column.name}"
        question = request(
            rng,
            f"the {column.phrase} of {child.plural} that belong to the {one.noun} {who} and to {two.plural} "
            f"{where.english}",
        )
    return Asked(question, f"SELECT {select} {clause} WHERE T2.{one.label.name} = {literal(who)} AND {where.sql}")


def grouped(world: World, rng: Random) -> Asked | None:
    at = pair(world, rng)
    if at is None:
        return None
    child, one, two, clause = at
    where = condition(rng, two, "T3")
    if where is None or one.label is None:
        return None
    question = one_of(
        rng,
        f"For each {one.noun}, show the {one.label.phrase} and the number of {child.plural} that involve {two.plural} "
        f"{where.english}.",
        f"How many {child.plural} with {two.plural} {where.english} does each {one.noun} have? Show the "
        f"{one.label.phrase} and the number.",
    )
    return Asked(
        question, f"SELECT T2.{one.label.name}, COUNT(*) {clause} WHERE {where.sql} GROUP BY T2.{one.label.name}"
    )


def related(world: World, rng: Random) -> Asked | None:
    at = pair(world, rng)
    if at is None:
        return None
    child, one, two, clause = at
    assert one.label and two.label
    who = rng.choice(two.cells(two.label))
    question = one_of(
        rng,
        f"Which {one.plural} are linked to the {two.noun} {who} through {child.plural}? Show each "
        f"{one.label.phrase} once.",
        f"List the distinct {one.label.phrase} of {one.plural} that share {child.plural} with the {two.noun} {who}.",
    )
    return Asked(question, f"SELECT DISTINCT T2.{one.label.name} {clause} WHERE T3.{two.label.name} = {literal(who)}")


SHAPES = (both_names, named_and_condition, grouped, related)
