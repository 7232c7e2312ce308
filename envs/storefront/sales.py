"""Rows of `orders` and `order_items`."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from envs.storefront.dice import Dice
from envs.storefront.shoppers import TODAY, Customer, PriceList, Product

ORDERS = 600
FIRST_DAY = date(2023, 11, 10)
FEES = {"web": (0, 480, 790), "mobile": (0, 480, 790, 1240), "store": (0,), "phone": (790, 1240)}


class Order(NamedTuple):
    """A row of `orders`; money in cents."""

    order_id: int
    customer_id: int
    placed_at: datetime
    status: str
    channel: str
    coupon_code: str | None
    shipping_fee: int
    delivered_on: date | None


class Line(NamedTuple):
    """A row of `order_items`; money in cents, discount in hundredths."""

    order_item_id: int
    order_id: int
    product_id: int
    quantity: int
    unit_price: int
    discount: int
    returned_quantity: int


def _moments(dice: Dice) -> list[datetime]:
    """When the orders were placed, oldest first: slow growth, two on the leap day, many on today."""
    span = (TODAY - FIRST_DAY).days + 1
    days = [max(dice.below(span), dice.below(span)) if dice.chance(30) else dice.below(span) for _ in range(ORDERS - 4)]
    days += [(date(2024, 2, 29) - FIRST_DAY).days] * 2 + [span - 1] * 2
    hours = (8, 9, 9, 10, 10, 11, 11, 12, 12, 12, 14, 14, 16, 16, 18, 18, 18, 20, 20, 20, 21, 21, 22, 23)
    return sorted(
        datetime.combine(FIRST_DAY + timedelta(days=day), time(dice.pick(hours), dice.below(12) * 5)) for day in days
    )


def _status(dice: Dice, age: int) -> str:
    """Young orders are still under way; old ones mostly completed."""
    if age < 10:
        return dice.weighted((("pending", 45), ("shipped", 42), ("cancelled", 13)))
    return dice.weighted((("completed", 66), ("shipped", 13), ("pending", 3), ("cancelled", 10), ("refunded", 8)))


def orders(buyers: list[Customer], dice: Dice) -> list[Order]:
    """600 orders by customers who had signed up by then; every eighth customer never buys, early ones buy most."""
    rows: list[Order] = []
    for number, moment in enumerate(_moments(dice), start=1):
        known = [c for c in buyers if c.signup_date <= moment.date() and c.customer_id % 8]
        buyer = known[dice.below(len(known)) if dice.chance(65) else min(dice.below(len(known)) for _ in range(2))]
        status = _status(dice, (TODAY - moment.date()).days)
        channel = dice.weighted((("web", 45), ("mobile", 30), ("store", 15), ("phone", 10)))
        arrived = moment.date() + timedelta(days=0 if channel == "store" else dice.between(2, 9))
        lost = dice.chance(5) if status in ("completed", "refunded") else dice.chance(60)
        coupon = dice.weighted(((None, 66), ("", 5), ("WELCOME10", 9), ("SPRING15", 7), ("VIP20", 5), ("FREESHIP", 8)))
        rows.append(
            Order(
                order_id=number,
                customer_id=buyer.customer_id,
                placed_at=moment,
                status=status,
                channel=channel,
                coupon_code=coupon,
                shipping_fee=0 if coupon == "FREESHIP" else dice.pick(FEES[channel]),
                delivered_on=None if lost or status in ("pending", "cancelled") or arrived > TODAY else arrived,
            )
        )
    return rows


def lines(placed: list[Order], goods: list[Product], prices: PriceList, dice: Dice) -> list[Line]:
    """One to four different products an order, at that day's price; refunded orders come back whole."""
    rows: list[Line] = []
    for order in placed:
        day = order.placed_at.date()
        sold = [p for p in goods if p.launched_on <= day and (p.discontinued_on is None or day < p.discontinued_on)]
        for product in dice.shuffled(sold)[: dice.weighted(((1, 20), (2, 34), (3, 26), (4, 20)))]:
            quantity = dice.weighted(((1, 46), (2, 28), (3, 14), (4, 8), (5, 4)))
            partly = 1 if order.status == "completed" and dice.chance(6) else 0
            rows.append(
                Line(
                    order_item_id=len(rows) + 1,
                    order_id=order.order_id,
                    product_id=product.product_id,
                    quantity=quantity,
                    unit_price=prices.on(product, day),
                    discount=dice.weighted(((0, 58), (5, 12), (10, 13), (15, 8), (20, 6), (25, 3))),
                    returned_quantity=quantity if order.status == "refunded" else partly,
                )
            )
    return rows
