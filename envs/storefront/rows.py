"""All rows of the database, drawn in a fixed order from one seed."""

from dataclasses import dataclass
from functools import cache

from envs.storefront.dice import Dice
from envs.storefront.outlook import Churn, Forecast, Subscription, churn, forecasts, subscriptions
from envs.storefront.sales import Line, Order, lines, orders
from envs.storefront.shoppers import Customer, PriceList, Product, customers, products

SEED = "storefront 2025-06-30"


@dataclass(frozen=True, slots=True)
class Rows:
    """The seven tables. Attribute names are table names."""

    customers: list[Customer]
    products: list[Product]
    orders: list[Order]
    order_items: list[Line]
    subscriptions: list[Subscription]
    forecast_predictions: list[Forecast]
    churn_predictions: list[Churn]


@cache
def rows() -> Rows:
    """The rows of the one storefront database; each table has dice of its own, so a change stays local."""
    people = customers(Dice(f"{SEED} customers"))
    goods = products(Dice(f"{SEED} products"))
    prices = PriceList(goods, Dice(f"{SEED} prices"))
    placed = orders(people, Dice(f"{SEED} orders"))
    return Rows(
        customers=people,
        products=goods,
        orders=placed,
        order_items=lines(placed, goods, prices, Dice(f"{SEED} lines")),
        subscriptions=subscriptions(people, Dice(f"{SEED} subscriptions")),
        forecast_predictions=forecasts(Dice(f"{SEED} forecasts")),
        churn_predictions=churn(people, Dice(f"{SEED} churn")),
    )
