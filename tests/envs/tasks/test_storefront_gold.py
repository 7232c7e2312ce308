"""Gold answers of the storefront task, worked out a second time in plain Python over the generated rows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from envs.storefront.family import Asked
from envs.storefront.outlook import Churn, Subscription
from envs.storefront.rows import rows
from envs.storefront.sales import Line, Order
from envs.storefront.script import script
from envs.storefront.shoppers import Product
from envs.storefront.slots import Binding
from envs.storefront.splits import Category, questions
from envs.tasks import Split

Row = tuple[Any, ...]
DATA = rows()
CUSTOMERS = {c.customer_id: c for c in DATA.customers}
PRODUCTS = {p.product_id: p for p in DATA.products}
ORDERS = {o.order_id: o for o in DATA.orders}
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def within(day: date, slots: Binding) -> bool:
    return date.fromisoformat(slots["start"]) <= day < date.fromisoformat(slots["end"])


def rounded(value: Decimal | int, places: int = 2) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def net(line: Line) -> Decimal:
    return Decimal(line.quantity * line.unit_price * (100 - line.discount)) / 10000


def sold(keep: Callable[[Order], bool]) -> Iterator[tuple[Order, Line, Product]]:
    for line in DATA.order_items:
        if keep(order := ORDERS[line.order_id]):
            yield order, line, PRODUCTS[line.product_id]


def earned(slots: Binding) -> list[tuple[Order, Line, Product]]:
    def keep(order: Order) -> bool:
        return order.status in ("completed", "shipped") and within(order.placed_at.date(), slots)

    return list(sold(keep))


def totals(pairs: Iterable[tuple[Any, Decimal | int]]) -> dict[Any, Any]:
    sums: dict[Any, Any] = defaultdict(int)
    for key, amount in pairs:
        sums[key] += amount
    return sums


def ranked(sums: dict[Any, Any]) -> list[Row]:
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def active(day: str) -> list[Subscription]:
    then = date.fromisoformat(day)
    return [s for s in DATA.subscriptions if s.started_on <= then and (s.ended_on is None or s.ended_on > then)]


def scored(slots: Binding) -> list[Churn]:
    return [c for c in DATA.churn_predictions if c.scored_on == date.fromisoformat(slots["day"])]


def users_of_coupons(s: Binding) -> list[Row]:
    ids = {o.customer_id for o in DATA.orders if o.coupon_code == s["coupon"]}
    return [(i, CUSTOMERS[i].full_name) for i in sorted(ids)]


def running(s: Binding) -> list[Row]:
    sums = totals((o.placed_at.date().replace(day=1), net(i)) for o, i, _ in earned(s) if o.channel == s["channel"])
    return [(m, sums[m], sum(sums[other] for other in sums if other <= m)) for m in sorted(sums)]


def gaps(s: Binding) -> list[Row]:
    own = sorted((o for o in DATA.orders if o.customer_id == int(s["id"])), key=lambda o: (o.placed_at, o.order_id))
    days = [o.placed_at.date() for o in own]
    since = [None, *((later - sooner).days for sooner, later in pairwise(days))]
    return list(zip((o.order_id for o in own), days, since, strict=True))


def latest_scores(s: Binding) -> list[Row]:
    last: dict[int, Churn] = {}
    for score in DATA.churn_predictions:
        if CUSTOMERS[score.customer_id].region == s["region"]:
            kept = last.get(score.customer_id, score)
            last[score.customer_id] = max(kept, score, key=lambda c: c.scored_on)
    return [(i, last[i].scored_on, Decimal(last[i].churn_probability).scaleb(-4)) for i in sorted(last)]


def both_models(s: Binding) -> list[Row]:
    misses: dict[tuple[str, str], list[int]] = defaultdict(list)
    for f in DATA.forecast_predictions:
        if f.forecast_month == date.fromisoformat(s["start"]) and f.actual_units is not None:
            misses[f.region, f.model_version].append(abs(f.predicted_units - f.actual_units * 10))
    mean = {key: rounded(Decimal(sum(m)) / 10 / len(m)) for key, m in misses.items()}
    return [(region, mean[region, "v1"], mean[region, "v2"]) for region in sorted({r for r, _ in mean})]


def overlaps(s: Binding) -> list[Row]:
    def days(one: Subscription) -> set[date]:
        end = one.ended_on or date(2026, 12, 31)
        return {one.started_on + timedelta(days=n) for n in range((end - one.started_on).days)}

    pairs = [(a, b) for a in DATA.subscriptions for b in DATA.subscriptions if a.subscription_id < b.subscription_id]
    same = [(a, b) for a, b in pairs if a.customer_id == b.customer_id and a.plan == s["plan"] and days(a) & days(b)]
    return sorted((a.customer_id, a.subscription_id, b.subscription_id) for a, b in same)


def favourites(s: Binding) -> list[Row]:
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for o, i, p in sold(lambda o: o.status not in ("cancelled", "refunded")):
        if p.category == s["category"] and (region := CUSTOMERS[o.customer_id].region) is not None:
            units[region][p.name] += i.quantity
    return [(region, *ranked(units[region])[0]) for region in sorted(units)]


def never_referred(_: Binding) -> list[Row]:
    return [(len(CUSTOMERS.keys() - {c.referred_by for c in DATA.customers}),)]


def several(s: Binding) -> list[Row]:
    return sorted((i, n) for i, n in Counter(x.customer_id for x in active(s["day"])).items() if n > 1)


def by_region(s: Binding) -> list[Row]:
    sums = totals((CUSTOMERS[x.customer_id].region, x.monthly_fee) for x in active(s["day"]))
    return [(region, Decimal(n) / 100) for region, n in ranked({r: n for r, n in sums.items() if r is not None})]


def idle_products(s: Binding) -> list[Row]:
    ordered = {p.name for _, _, p in sold(lambda o: within(o.placed_at.date(), s))}
    return [(name,) for name in sorted({p.name for p in DATA.products} - ordered)]


AGAIN: dict[str, Callable[[Binding], list[Row]]] = {
    "signups in a month": lambda s: [(sum(within(c.signup_date, s) for c in DATA.customers),)],
    "mailboxes at a domain": lambda s: [
        (sum((c.email or "").lower().endswith("@" + s["domain"]) for c in DATA.customers),)
    ],
    "weekend orders": lambda s: [(sum(o.status == s["status"] and o.placed_at.isoweekday() > 5 for o in DATA.orders),)],
    "users of a coupon": users_of_coupons,
    "products nobody ordered in a month": idle_products,
    "net revenue of a month": lambda s: [(sum(net(i) for _, i, _ in earned(s)),)],
    "net revenue by category": lambda s: ranked(totals((p.category, net(i)) for _, i, p in earned(s))),
    "best selling products": lambda s: ranked(totals((p.name, net(i)) for _, i, p in earned(s)))[: int(s["n"])],
    "net revenue by channel": lambda s: sorted(totals((o.channel, net(i)) for o, i, _ in earned(s)).items()),
    "net revenue per week": lambda s: sorted(
        totals((o.placed_at.date() - timedelta(days=o.placed_at.weekday()), net(i)) for o, i, _ in earned(s)).items()
    ),
    "orders by weekday": lambda s: sorted(
        Counter(o.placed_at.isoweekday() for o in DATA.orders if within(o.placed_at.date(), s)).items()
    ),
    "risk bands of a scoring": lambda s: sorted(Counter(c.risk_band for c in scored(s)).items()),
    "latest score of each customer": latest_scores,
    "two models side by side": both_models,
    "recurring revenue": lambda s: [(Decimal(sum(x.monthly_fee for x in active(s["day"]))) / 100,)],
    "recurring revenue by region": by_region,
    "holders of several": several,
    "overlapping pairs": overlaps,
    "running revenue": running,
    "days between orders": gaps,
    "regional favourites": favourites,
    "never a referrer": never_referred,
}


def plain(found: list[Row]) -> list[Row]:
    return [tuple(float(cell) if isinstance(cell, Decimal | float) else cell for cell in row) for row in found]


@pytest.fixture(scope="module")
def shop() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(script())
    return connection


@pytest.mark.parametrize("name", AGAIN)
def test_gold_gives_what_plain_python_gives(shop: duckdb.DuckDBPyConnection, name: str) -> None:
    dealt: list[tuple[Category, Asked]] = [pair for split in SPLITS for pair in questions(split)]
    own = [asked for _, asked in dealt if asked.family.name == name]
    assert own
    for asked in own:
        assert plain(shop.execute(asked.gold_sql).fetchall()) == plain(AGAIN[name](asked.slots)), asked.gold_sql
