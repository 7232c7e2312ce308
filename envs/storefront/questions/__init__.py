"""The families of questions, one module a category."""

from envs.storefront.family import Category, Family
from envs.storefront.questions import (
    churn,
    edge,
    forecast,
    intricate,
    joins,
    margins,
    people_and_products,
    purchases,
    revenue,
    subscription,
    time_series,
    window,
)

FAMILIES: dict[Category, list[Family]] = {
    "single-table": people_and_products.FAMILIES + purchases.FAMILIES,
    "joins": joins.FAMILIES,
    "revenue": revenue.FAMILIES + margins.FAMILIES,
    "time-series": time_series.FAMILIES,
    "churn": churn.FAMILIES,
    "forecast": forecast.FAMILIES,
    "subscription": subscription.FAMILIES,
    "window": window.FAMILIES,
    "complex": intricate.FAMILIES,
    "edge": edge.FAMILIES,
}
