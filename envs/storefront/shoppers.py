"""Rows of `customers` and `products`: who may buy, and what at which price on which day."""

from datetime import date, timedelta
from typing import NamedTuple

from envs.storefront.catalogue import CATALOGUE
from envs.storefront.dice import Dice
from envs.storefront.places import FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS, STATES

TODAY = date(2025, 6, 30)
PRICE_CHANGES = (date(2024, 7, 1), date(2025, 2, 1))
"""The two days on which some prices moved; the price after the second one is today's."""


class Customer(NamedTuple):
    """A row of `customers`."""

    customer_id: int
    full_name: str
    email: str | None
    city: str
    state: str
    region: str | None
    signup_date: date
    loyalty_tier: str | None
    marketing_opt_in: bool | None
    referred_by: int | None


class Product(NamedTuple):
    """A row of `products`; money in cents."""

    product_id: int
    name: str
    category: str
    list_price: int
    unit_cost: int | None
    stock_on_hand: int
    launched_on: date
    discontinued_on: date | None


def customers(dice: Dice) -> list[Customer]:
    """120 customers in order of signup: two share a name, three share a mailbox spelt differently, some gaps."""
    pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    names = dice.shuffled(pairs)[:118]
    names = [*names[:60], names[7], *names[60:110], names[31], *names[110:]]
    span = (TODAY - date(2023, 7, 1)).days
    days = sorted(dice.below(span) for _ in names)
    rows: list[Customer] = []
    for number, ((first, last), day) in enumerate(zip(names, days, strict=True), start=1):
        state = dice.pick(sorted(STATES))
        _, region, cities = STATES[state]
        email = f"{first}.{last}@{dice.pick(MAIL_DOMAINS)}"
        email = email if dice.chance(25) else email.lower()
        tier = dice.weighted((("Bronze", 30), ("Silver", 24), ("Gold", 14), (None, 32)))
        rows.append(
            Customer(
                customer_id=number,
                full_name=f"{first} {last}",
                email=None if dice.chance(8) else email,
                city=dice.pick(cities),
                state=state,
                region=None if dice.chance(5) else region,
                signup_date=date(2023, 7, 1) + timedelta(days=day),
                loyalty_tier=tier,
                marketing_opt_in=dice.weighted(((True, 50), (False, 32), (None, 18))),
                referred_by=1 + dice.below(number - 1) if number > 4 and dice.chance(28) else None,
            )
        )
    for copy, original in ((44, 12), (71, 23), (103, 64)):
        mailbox = rows[original].email or f"shared{original}@{MAIL_DOMAINS[0]}"
        rows[original] = rows[original]._replace(email=mailbox.lower())
        rows[copy] = rows[copy]._replace(email=mailbox.upper())
    return rows


def _first_of(month: int) -> date:
    """The first day of a month counted from January 2024 = 0."""
    return date(2024 + month // 12, month % 12 + 1, 1)


def products(dice: Dice) -> list[Product]:
    """The catalogue with costs (some unknown) and stock."""
    return [
        Product(
            product_id=number,
            name=item.name,
            category=item.category,
            list_price=item.cents,
            unit_cost=None if number % 9 == 4 else item.cents * dice.between(38, 72) // 100,
            stock_on_hand=0 if item.ended is not None else dice.weighted(((0, 1), (5 * dice.between(1, 40), 14))),
            launched_on=_first_of(item.launched) + timedelta(days=dice.below(20)),
            discontinued_on=None if item.ended is None else _first_of(item.ended),
        )
        for number, item in enumerate(CATALOGUE, start=1)
    ]


class PriceList:
    """What each product cost on a day: most of the catalogue changed price once or twice.

    Prices are multiples of 20 cents and discounts of 5 %, so that every line comes to whole cents and no rounding
    decides whether an answer is right.
    """

    def __init__(self, goods: list[Product], dice: Dice) -> None:
        self._past: dict[int, tuple[int, int]] = {}
        for product in goods:
            recent = product.list_price * dice.weighted(((100, 4), (95, 3), (90, 2), (105, 1))) // 100
            older = recent * dice.weighted(((100, 4), (95, 3), (92, 2))) // 100
            self._past[product.product_id] = (older // 20 * 20, recent // 20 * 20)

    def on(self, product: Product, day: date) -> int:
        """The price in cents that an order of that day paid before any discount."""
        older, recent = self._past[product.product_id]
        if day < PRICE_CHANGES[0]:
            return older
        return recent if day < PRICE_CHANGES[1] else product.list_price
