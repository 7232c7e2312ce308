"""Two tables joined along a foreign key."""

from random import Random

from envs.worlds.questions.phrasing import (
    AGGREGATES,
    Asked,
    amount_column,
    condition,
    one_of,
    pick,
    request,
)
from envs.worlds.world import Column, Table, World, literal

COMPLEXITY = "single join"


def link(world: World, rng: Random) -> tuple[Table, str, Table] | None:
    """A (child, foreign key, parent) whose parent has a label."""
    links = [it for it in world.links() if it[2].label is not None]
    return rng.choice(links) if links else None


def joined(child: Table, key: str, parent: Table) -> str:
    """The FROM clause: the child is T1, its parent T2."""
    return f"FROM {child.name} AS T1 JOIN {parent.name} AS T2 ON T1.{key} = T2.{parent.key}"


def own(table: Table) -> list[Column]:
    return [c for c in table.columns if c.kind not in ("key", "foreign")]


def with_parent(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label, column = parent.label, pick(rng, own(child))
    if label is None or column is None:
        return None
    where = condition(rng, *rng.choice(((child, "T1"), (parent, "T2")))) if rng.random() < 0.4 else None
    noun = child.plural if where is None or where.sql.startswith("T1") else None
    if noun is None and where is not None:
        question = request(
            rng,
            f"the {column.phrase} of {child.plural} together with the {label.phrase} of their {parent.noun}, "
            f"only for {parent.plural} {where.english}",
        )
    else:
        tail = f" {where.english}" if where else ""
        question = one_of(
            rng,
            request(rng, f"the {column.phrase} of each {child.noun}{tail} and the {label.phrase} of its {parent.noun}"),
            request(
                rng,
                f"the {column.phrase} of all {child.plural}{tail} together with the {label.phrase} of their "
                f"{parent.noun}",
            ),
            f"For every {child.noun}{tail}, show its {column.phrase} and the {label.phrase} of the {parent.noun}.",
        )
    filter_sql = f" WHERE {where.sql}" if where else ""
    return Asked(question, f"SELECT T1.{column.name}, T2.{label.name} {joined(child, key, parent)}{filter_sql}")


def of_named_parent(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label = parent.label
    if label is None:
        return None
    who = rng.choice(parent.cells(label))
    number = amount_column(rng, child)
    kind = rng.random()
    if kind < 0.35:
        select = "COUNT(*)"
        question = one_of(
            rng,
            f"How many {child.plural} does {who} have?",
            f"How many {child.plural} belong to the {parent.noun} {who}?",
            f"Count the {child.plural} of the {parent.noun} {who}.",
        )
    elif kind < 0.6 and number is not None:
        function = rng.choice(list(AGGREGATES))
        word = rng.choice(AGGREGATES[function])
        select = f"{function}(T1.{number.name})"
        question = request(rng, f"the {word} {number.phrase} of the {child.plural} of the {parent.noun} {who}")
    else:
        column = rng.choice(own(child))
        select = f"T1.{column.name}"
        question = one_of(
            rng,
            request(rng, f"the {column.phrase} of the {child.plural} of {who}"),
            request(rng, f"the {column.phrase} of all {child.plural} that belong to the {parent.noun} {who}"),
        )
    return Asked(question, f"SELECT {select} {joined(child, key, parent)} WHERE T2.{label.name} = {literal(who)}")


def count_with_parent_condition(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    where = condition(rng, parent, "T2")
    if where is None:
        return None
    number = amount_column(rng, child)
    if number is not None and rng.random() < 0.4:
        function = rng.choice(list(AGGREGATES))
        select = f"{function}(T1.{number.name})"
        question = request(
            rng,
            f"the {rng.choice(AGGREGATES[function])} {number.phrase} of {child.plural} that belong to "
            f"{parent.plural} {where.english}",
        )
    else:
        select = "COUNT(*)"
        question = one_of(
            rng,
            f"How many {child.plural} belong to {parent.plural} {where.english}?",
            f"Count the {child.plural} of {parent.plural} {where.english}.",
            f"How many {child.plural} are there for {parent.plural} {where.english}?",
        )
    return Asked(question, f"SELECT {select} {joined(child, key, parent)} WHERE {where.sql}")


def per_parent(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label, number = parent.label, amount_column(rng, child)
    if label is None:
        return None
    if number is None or rng.random() < 0.55:
        select = "COUNT(*)"
        question = one_of(
            rng,
            f"How many {child.plural} does each {parent.noun} have? Show the {label.phrase} and the number.",
            f"For each {parent.noun}, show the {label.phrase} and the number of {child.plural}.",
            f"List the {label.phrase} of each {parent.noun} with its count of {child.plural}.",
        )
    else:
        function = rng.choice(list(AGGREGATES))
        select = f"{function}(T1.{number.name})"
        word = rng.choice(AGGREGATES[function])
        question = one_of(
            rng,
            f"For each {parent.noun}, show the {label.phrase} and the {word} {number.phrase} of its {child.plural}.",
            f"What is the {word} {number.phrase} of {child.plural} for each {parent.noun}? "
            f"Show the {label.phrase} too.",
        )
    return Asked(question, f"SELECT T2.{label.name}, {select} {joined(child, key, parent)} GROUP BY T2.{label.name}")


def parents_with(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label, where = parent.label, condition(rng, child, "T1")
    if label is None or where is None:
        return None
    question = one_of(
        rng,
        f"Which {parent.plural} have {child.plural} {where.english}? Show each {label.phrase} once.",
        f"List the distinct {label.phrase} of {parent.plural} that have a {child.noun} {where.english}.",
        f"Show, without repeats, the {label.phrase} of every {parent.noun} with {child.plural} {where.english}.",
    )
    return Asked(question, f"SELECT DISTINCT T2.{label.name} {joined(child, key, parent)} WHERE {where.sql}")


def busiest_parent(world: World, rng: Random) -> Asked | None:
    at = link(world, rng)
    if at is None:
        return None
    child, key, parent = at
    label = parent.label
    if label is None:
        return None
    foreign = next(c for c in child.columns if c.name == key)
    sizes = sorted((child.cells(foreign).count(value) for value in set(child.cells(foreign))), reverse=True)
    if len(sizes) < 2 or sizes[0] == sizes[1]:
        return None
    question = one_of(
        rng,
        f"Which {parent.noun} has the most {child.plural}?",
        f"Find the {label.phrase} of the {parent.noun} with the highest number of {child.plural}.",
        f"Who or what has the most {child.plural}? Give the {label.phrase} of the {parent.noun}.",
    )
    return Asked(
        question,
        f"SELECT T2.{label.name} {joined(child, key, parent)} GROUP BY T2.{label.name} ORDER BY COUNT(*) DESC LIMIT 1",
    )


SHAPES = (
    with_parent,
    with_parent,
    of_named_parent,
    of_named_parent,
    count_with_parent_condition,
    per_parent,
    per_parent,
    parents_with,
    busiest_parent,
)
