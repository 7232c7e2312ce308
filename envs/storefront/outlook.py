"""Rows of `subscriptions`, `forecast_predictions` and `churn_predictions`."""

from datetime import date, timedelta
from typing import NamedTuple

from envs.storefront.catalogue import FORECAST_PRODUCTS
from envs.storefront.dice import Dice
from envs.storefront.places import REGIONS
from envs.storefront.shoppers import TODAY, Customer

SCORING_DAYS = (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31))
V1_MONTHS = tuple(date(2025, month, 1) for month in (1, 2, 3, 7, 8))
V2_MONTHS = tuple(date(2025, month, 1) for month in range(1, 9))
STOP_REASONS = (("too expensive", 36), ("not using it", 28), ("poor quality", 18), (None, 18))
CHURN_REASONS = (("price", 30), ("inactivity", 30), ("support issues", 18), ("late deliveries", 12), (None, 10))


class Subscription(NamedTuple):
    """A row of `subscriptions`; money in cents."""

    subscription_id: int
    customer_id: int
    plan: str
    billing_period: str
    monthly_fee: int
    started_on: date
    ended_on: date | None
    cancel_reason: str | None
    auto_renew: bool


class Forecast(NamedTuple):
    """A row of `forecast_predictions`; units in tenths, actual ones whole."""

    forecast_id: int
    product_id: int
    region: str
    forecast_month: date
    model_version: str
    predicted_units: int
    lower_units: int
    upper_units: int
    actual_units: int | None


class Churn(NamedTuple):
    """A row of `churn_predictions`; the probability in ten-thousandths."""

    churn_id: int
    customer_id: int
    scored_on: date
    model_version: str
    churn_probability: int
    risk_band: str
    main_reason: str | None
    did_churn: bool | None


def subscriptions(holders: list[Customer], dice: Dice) -> list[Subscription]:
    """90 subscriptions; many holders have several, some overlapping; six start in July; fees rose in 2025."""
    regulars = dice.shuffled(holders)[:58]
    owners = regulars + [dice.pick(regulars[:26]) for _ in range(32)]
    drafts = [(date(2025, 7, 1) + timedelta(days=dice.below(20)), owner) for owner in owners[:6]]
    for owner in owners[6:]:
        first = max(owner.signup_date, date(2023, 9, 1))
        span = max(1, (TODAY - first).days)
        drafts.append((first + timedelta(days=min(dice.below(span), dice.below(span))), owner))
    rows: list[Subscription] = []
    for number, (start, owner) in enumerate(sorted(drafts, key=lambda d: (d[0], d[1].customer_id)), start=1):
        plan = dice.weighted((("Basic", 45), ("Plus", 34), ("Pro", 21)))
        period = "annual" if dice.chance(35) else "monthly"
        dear = start >= date(2025, 1, 1)
        fee = {"Basic": 1099 if dear else 999, "Plus": 1999, "Pro": 4499 if dear else 3999}[plan]
        end = start + timedelta(days=365 if period == "annual" else dice.between(25, 300))
        ended = dice.chance(84) and end <= TODAY
        rows.append(
            Subscription(
                subscription_id=number,
                customer_id=owner.customer_id,
                plan=plan,
                billing_period=period,
                monthly_fee=fee * 85 // 100 if period == "annual" else fee,
                started_on=start,
                ended_on=end if ended else None,
                cancel_reason=dice.weighted(STOP_REASONS) if ended else None,
                auto_renew=not ended and dice.chance(76),
            )
        )
    return rows


def forecasts(dice: Dice) -> list[Forecast]:
    """About 400 monthly forecasts of 16 products in two regions each; two models overlap; actuals end in May 2025."""
    sites = [(product, region) for product in FORECAST_PRODUCTS for region in sorted(dice.shuffled(REGIONS)[:2])]
    plan = [(month, "v1") for month in V1_MONTHS] + [(month, "v2") for month in V2_MONTHS]
    level = {site: dice.between(20, 160) for site in sites}
    closed = sorted({month for month, _ in plan if month < date(2025, 6, 1)})
    actual = {
        (site, month): None if dice.chance(6) else level[site] * dice.between(75, 130) // 100
        for site in sites
        for month in closed
    }
    rows: list[Forecast] = []
    for month, version in plan:
        for site in sites:
            if dice.chance(4):
                continue
            middle = level[site] * dice.between(*((78, 132) if version == "v1" else (86, 118))) // 10
            below, above = middle * dice.between(8, 30) // 100, middle * dice.between(8, 30) // 100
            known = actual.get((site, month))
            rows.append(Forecast(len(rows) + 1, *site, month, version, middle, middle - below, middle + above, known))
    return rows


def churn(scored: list[Customer], dice: Dice) -> list[Churn]:
    """120 scores on five month ends; a fifth of the customers is never scored; outcomes are known until March."""
    pool = [c for c in scored if c.customer_id % 5 and c.signup_date < SCORING_DAYS[0]]
    rows: list[Churn] = []
    for at, day in enumerate(SCORING_DAYS):
        for customer in sorted(dice.shuffled(pool)[:24]):
            score = dice.between(200, 9700)
            score = (score + 250) // 500 * 500 if dice.chance(45) else score
            band = "low" if score < 3000 else "medium" if score < 6000 else "high"
            reason = dice.weighted(CHURN_REASONS) if band != "low" else None
            churned = dice.below(10000) < score if at < 3 and not dice.chance(10) else None
            version = "v1" if at < 2 else "v2"
            rows.append(Churn(len(rows) + 1, customer.customer_id, day, version, score, band, reason, churned))
    return rows
