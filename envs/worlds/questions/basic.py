"""Single-table retrieval: columns, filters, order, limits, distinct values."""

from random import Random

from envs.worlds.questions.phrasing import (
    Asked,
    any_table,
    condition,
    conditions,
    label_or_any,
    number_column,
    one_of,
    pick,
    request,
    sentence,
)
from envs.worlds.world import Column, World, literal

COMPLEXITY = "basic SQL"


def listing(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    own = table.of_kind("of", "int", "real", "year", "date", "place", "code", "name", "person")
    picked = rng.sample(own, min(len(own), rng.choice((1, 2, 2, 3))))
    what = " and ".join(filter(None, (", ".join(c.phrase for c in picked[:-1]), picked[-1].phrase)))
    question = one_of(
        rng,
        request(rng, f"the {what} of each {table.noun}"),
        request(rng, f"the {what} of all {table.plural}"),
        f"For every {table.noun}, what is the {what}?",
    )
    return Asked(question, f"SELECT {', '.join(c.name for c in picked)} FROM {table.name}")


def filtered(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    where = conditions(rng, table)
    if where is None:
        return None
    columns: list[Column] = [label_or_any(rng, table)]
    if rng.random() < 0.5 or table.label is None:
        own = [c for c in table.columns if c.kind not in ("key", "foreign") and c not in columns]
        columns = rng.sample(own, min(len(own), rng.choice((1, 2)))) or columns
        what = " and ".join(c.phrase for c in columns)
        question = one_of(
            rng,
            request(rng, f"the {what} of {table.plural} {where.english}"),
            f"For {table.plural} {where.english}, show the {what}.",
            f"What {what} do the {table.plural} {where.english} have?",
        )
    else:
        question = one_of(
            rng,
            f"Which {table.plural} are there {where.english}?",
            f"List the {table.plural} {where.english}.",
            f"Show all {table.plural} {where.english}.",
            request(rng, f"the {columns[0].phrase} of {table.plural} {where.english}"),
            f"Name the {table.plural} {where.english}.",
        )
    return Asked(question, f"SELECT {', '.join(c.name for c in columns)} FROM {table.name} WHERE {where.sql}")


def superlative(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    number = number_column(rng, table)
    if number is None or len(set(table.cells(number))) < len(table.rows):
        return None
    most = rng.random() < 0.5
    label, order = label_or_any(rng, table), "DESC" if most else "ASC"
    way = (number.most if most else number.least) if rng.random() < 0.5 else ""
    extreme = one_of(rng, "highest", "largest", "greatest") if most else one_of(rng, "lowest", "smallest")
    count = rng.choice((1, 1, 2, 3, 4, 5))
    if count == 1:
        asked = one_of(
            rng,
            f"Which {table.noun} has the {extreme} {number.phrase}?",
            f"Find the {table.noun} with the {extreme} {number.phrase}.",
        )
        if way:
            asked = one_of(rng, f"Which {table.noun} is the {way}?", f"What is the {way} {table.noun}?")
        if label is not table.label:
            asked = request(rng, f"the {label.phrase} of the {table.noun} with the {extreme} {number.phrase}")
    elif label is table.label:
        asked = one_of(
            rng,
            f"Which {count} {table.plural} have the {extreme} {number.phrase}?",
            f"List the {count} {table.plural} with the {extreme} {number.phrase}.",
            f"Show the {'top' if most else 'bottom'} {count} {table.plural} by {number.phrase}.",
        )
        if way and rng.random() < 0.6:
            asked = request(rng, f"the {count} {way} {table.plural}")
    else:
        asked = request(rng, f"the {label.phrase} of the {count} {table.plural} with the {extreme} {number.phrase}")
    where = condition(rng, table, besides=number) if rng.random() < 0.2 and count == 1 and not way else None
    filter_sql = ""
    if where is not None and label is table.label:
        asked = f"Among {table.plural} {where.english}, which one has the {extreme} {number.phrase}?"
        filter_sql = f" WHERE {where.sql}"
    return Asked(
        asked, f"SELECT {label.name} FROM {table.name}{filter_sql} ORDER BY {number.name} {order} LIMIT {count}"
    )


def ordered(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    by = pick(rng, table.of_kind("int", "real", "year", "date"))
    if by is None or len(set(table.cells(by))) < len(table.rows):
        return None
    down = rng.random() < 0.5
    label = label_or_any(rng, table)
    also = rng.random() < 0.4 and label is not by
    what = f"{label.phrase} and {by.phrase}" if also else label.phrase
    if by.kind == "date":
        how = (
            one_of(rng, "latest first", "most recent first") if down else one_of(rng, "earliest first", "oldest first")
        )
    else:
        how = (
            one_of(rng, "from highest to lowest", "in descending order", "largest first")
            if down
            else one_of(rng, "from lowest to highest", "in ascending order", "smallest first")
        )
    question = one_of(
        rng,
        f"List the {what} of all {table.plural}, sorted by {by.phrase} {how}.",
        f"Show the {what} of {table.plural} ordered by {by.phrase}, {how}.",
        f"Sort the {table.plural} by {by.phrase} {how} and show the {what}.",
    )
    columns = f"{label.name}, {by.name}" if also else label.name
    return Asked(question, f"SELECT {columns} FROM {table.name} ORDER BY {by.name} {'DESC' if down else 'ASC'}")


def distinct(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    column = pick(rng, table.of_kind("of"))
    if column is None:
        return None
    where = condition(rng, table, besides=column) if rng.random() < 0.4 else None
    tail = f" {where.english}" if where else ""
    question = one_of(
        rng,
        f"What different {column.phrase} values occur among {table.plural}{tail}?",
        f"List the distinct {column.phrase} of {table.plural}{tail}.",
        f"Which {column.phrase} values do {table.plural}{tail} have, without repeats?",
        f"Show every unique {column.phrase} among the {table.plural}{tail}.",
    )
    return Asked(
        question, f"SELECT DISTINCT {column.name} FROM {table.name}" + (f" WHERE {where.sql}" if where else "")
    )


def prefix(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    column = pick(rng, table.of_kind("name", "person", "place"))
    if column is None:
        return None
    start = str(rng.choice(table.cells(column)))[: rng.choice((1, 1, 2))]
    label = label_or_any(rng, table)
    question = one_of(
        rng,
        f"the {label.phrase} of {table.plural} whose {column.phrase} starts with {start}",
        f"the {label.phrase} of every {table.noun} with a {column.phrase} beginning with '{start}'",
    )
    return Asked(
        request(rng, question),
        f"SELECT {label.name} FROM {table.name} WHERE {column.name} LIKE {literal(start + '%')}",
    )


def looked_up(world: World, rng: Random) -> Asked | None:
    table = any_table(rng, world)
    label = table.label
    wanted = pick(rng, [c for c in table.columns if c.kind not in ("key", "foreign", "name", "person")])
    if label is None or wanted is None:
        return None
    who = rng.choice(table.cells(label))
    question = one_of(
        rng,
        f"What is the {wanted.phrase} of {who}?",
        f"What is the {wanted.phrase} of the {table.noun} {who}?",
        f"Look up the {wanted.phrase} of the {table.noun} called {who}.",
        f"Tell me the {wanted.phrase} for {who}.",
        f"{who}: what {wanted.phrase} does this {table.noun} have?",
    )
    return Asked(sentence(question), f"SELECT {wanted.name} FROM {table.name} WHERE {label.name} = {literal(who)}")


SHAPES = (listing, filtered, filtered, filtered, superlative, superlative, ordered, distinct, prefix, looked_up)
