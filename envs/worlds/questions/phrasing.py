"""How people say things: requests, conditions and comparisons in varied English, each with the SQL it means."""

from dataclasses import dataclass
from random import Random

from envs.worlds.world import Cell, Column, Table, World, literal

COMPARISONS = {
    ">": ("over", "above", "more than", "greater than", "higher than", "exceeding"),
    ">=": ("at least", "no less than", "not below"),
    "<": ("under", "below", "less than", "lower than", "smaller than"),
    "<=": ("at most", "no more than", "up to"),
}
AGGREGATES = {
    "AVG": ("average", "mean"),
    "SUM": ("total", "combined", "summed"),
    "MAX": ("highest", "maximum", "largest"),
    "MIN": ("lowest", "minimum", "smallest"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the SQL that answers it."""

    question: str
    sql: str


@dataclass(frozen=True, slots=True)
class Condition:
    """`english` continues a noun ("whose hull color is red"); `sql` is the predicate."""

    english: str
    sql: str
    column: Column


def one_of(rng: Random, *ways: str) -> str:
    return rng.choice(ways)


def request(rng: Random, what: str) -> str:
    """A request for something that is a noun phrase: "the length of each boat"."""
    return one_of(
        rng,
        f"What is {what}?",
        f"Show {what}.",
        f"List {what}.",
        f"Give me {what}.",
        f"Find {what}.",
        f"Return {what}.",
        f"I need {what}.",
        f"Can you tell me {what}?",
    )


def sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def qualified(column: Column, alias: str) -> str:
    return f"{alias}.{column.name}" if alias else column.name


def comparison(rng: Random, column: Column, alias: str, value: Cell) -> Condition:
    operator = rng.choice(list(COMPARISONS))
    how, phrase = rng.choice(COMPARISONS[operator]), column.phrase
    english = one_of(
        rng,
        f"whose {phrase} is {how} {value}",
        f"with {phrase} {how} {value}",
        f"that have a {phrase} {how} {value}",
        f"where the {phrase} is {how} {value}",
        f"having {phrase} {how} {value}",
    )
    return Condition(english, f"{qualified(column, alias)} {operator} {value}", column)


def equality(rng: Random, column: Column, alias: str, value: Cell) -> Condition:
    phrase, shown = column.phrase, f"'{value}'" if rng.random() < 0.25 else f"{value}"
    if rng.random() < 0.15:
        english = one_of(rng, f"whose {phrase} is not {shown}", f"with a {phrase} other than {shown}")
        return Condition(english, f"{qualified(column, alias)} <> {literal(value)}", column)
    english = one_of(
        rng,
        f"whose {phrase} is {shown}",
        f"with {phrase} {shown}",
        f"with {shown} as their {phrase}",
        f"where the {phrase} is {shown}",
        f"that have {phrase} {shown}",
        f"having {phrase} equal to {shown}",
    )
    return Condition(english, f"{qualified(column, alias)} = {literal(value)}", column)


def condition(
    rng: Random, table: Table, alias: str = "", kinds: tuple[str, ...] = (), besides: Column | None = None
) -> Condition | None:
    """A random condition on one table that at least one row meets or nearly meets."""
    kinds = kinds or ("of", "of", "int", "real", "year", "date", "place", "code")
    columns = [c for c in table.columns if c.kind in kinds and c is not besides and table.cells(c)]
    if not columns:
        return None
    column = rng.choice(columns)
    name, cells = qualified(column, alias), table.cells(column)
    value = rng.choice(cells)
    if column.numeric:
        if rng.random() < 0.15:
            low, high = sorted((value, rng.choice(cells)), key=float)  # type: ignore[arg-type]
            english = one_of(
                rng,
                f"with {column.phrase} between {low} and {high}",
                f"whose {column.phrase} lies between {low} and {high}",
                f"with {column.phrase} from {low} to {high}",
            )
            return Condition(english, f"{name} BETWEEN {low} AND {high}", column)
        return comparison(rng, column, alias, value)
    if column.kind == "date":
        operator, how = rng.choice((("<", "before"), (">", "after"), (">=", "on or after"), ("<=", "up to")))
        english = one_of(
            rng,
            f"with {column.phrase} {how} {value}",
            f"whose {column.phrase} is {how} {value}",
            f"where the {column.phrase} is {how} {value}",
        )
        return Condition(english, f"{name} {operator} {literal(value)}", column)
    if column.kind == "of" and rng.random() < 0.12 and len(set(cells)) > 2:
        one, two = rng.sample(sorted(set(map(str, cells))), 2)
        english = one_of(
            rng,
            f"whose {column.phrase} is {one} or {two}",
            f"whose {column.phrase} is either {one} or {two}",
            f"with {column.phrase} {one} or {two}",
        )
        return Condition(english, f"{name} IN ({literal(one)}, {literal(two)})", column)
    return equality(rng, column, alias, value)


def conditions(rng: Random, table: Table, alias: str = "", chance_of_two: float = 0.25) -> Condition | None:
    """One condition, sometimes two joined by and/or on different columns."""
    first = condition(rng, table, alias)
    if first is None or rng.random() > chance_of_two:
        return first
    second = condition(rng, table, alias, besides=first.column)
    if second is None:
        return first
    if rng.random() < 0.25:
        return Condition(f"{first.english} or {second.english}", f"{first.sql} OR {second.sql}", first.column)
    return Condition(f"{first.english} and {second.english}", f"{first.sql} AND {second.sql}", first.column)


def any_table(rng: Random, world: World) -> Table:
    return rng.choice(world.tables)


def label_or_any(rng: Random, table: Table) -> Column:
    """The column people mean when they name a row: its label, or else some column of its own."""
    return table.label or rng.choice([c for c in table.columns if c.kind not in ("key", "foreign")])


def pick(rng: Random, columns: list[Column]) -> Column | None:
    return rng.choice(columns) if columns else None


def number_column(rng: Random, table: Table) -> Column | None:
    return pick(rng, table.of_kind("int", "real", "year"))


def amount_column(rng: Random, table: Table) -> Column | None:
    """A numeric column that it makes sense to sum or average."""
    return pick(rng, table.of_kind("int", "real"))
