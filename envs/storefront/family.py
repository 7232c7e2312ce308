"""A family: one way of asking, with slots; every binding of its slots is one question with its gold SQL."""

from dataclasses import dataclass
from typing import Literal

from envs.storefront.dice import Dice
from envs.storefront.slots import Binding

Category = Literal[
    "single-table",
    "joins",
    "revenue",
    "time-series",
    "churn",
    "forecast",
    "subscription",
    "window",
    "complex",
    "edge",
]
Difficulty = Literal["easy", "medium", "hard"]
Home = Literal["any", "validation", "test"]

FRAGMENTS: Binding = {
    "net": "i.quantity * i.unit_price * (1 - i.discount)",
    "lines": "orders o JOIN order_items i ON i.order_id = o.order_id",
    "counted": "o.status IN ('completed', 'shipped')",
    "placed": "o.placed_at >= DATE '{start}' AND o.placed_at < DATE '{end}'",
    "active": "s.started_on <= DATE '{day}' AND (s.ended_on IS NULL OR s.ended_on > DATE '{day}')",
    "order_months": "SELECT date_trunc('month', o.placed_at)::date AS month",
}
"""Pieces of SQL that many families share, written in a template as {name}."""


@dataclass(frozen=True, slots=True)
class Family:
    """A template of questions.

    `phrasings` take turns; they and `sql` hold {slots}. `take` bindings are used. A family whose `home` is validation
    or test gives questions to that split alone, so no question of its shape is ever trained on.
    """

    name: str
    difficulty: Difficulty
    take: int
    phrasings: tuple[str, ...]
    sql: str
    slots: list[Binding]
    evidence: str = ""
    home: Home = "any"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a family. `slots` says what filled its template."""

    family: Family
    question: str
    gold_sql: str
    slots: Binding


def ask(family: Family) -> list[Asked]:
    """The family's questions, bindings in an order drawn from its own name."""
    if len(family.slots) < family.take:
        raise ValueError(f"family {family.name!r} takes {family.take} bindings but has {len(family.slots)}")
    template = " ".join(family.sql.split())
    for name, text in FRAGMENTS.items():
        template = template.replace(f"{{{name}}}", text)
    return [
        Asked(
            family=family,
            question=family.phrasings[at % len(family.phrasings)].format(**binding),
            gold_sql=template.format(**binding),
            slots=binding,
        )
        for at, binding in enumerate(Dice(family.name).shuffled(family.slots)[: family.take])
    ]
