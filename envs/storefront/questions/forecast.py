"""Questions about demand forecasts: what they say, and how far off they were."""

from envs.storefront.catalogue import CATALOGUE, FORECAST_PRODUCTS
from envs.storefront.definitions import MISS
from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, REGION, cross, each, months

PRODUCT = each("product", *(CATALOGUE[number - 1].name for number in FORECAST_PRODUCTS))
V2 = months((2025, 1), (2025, 8))
KNOWN = V2[:3]
AHEAD = V2[6:]
BOTH = KNOWN + AHEAD
"""Months that both models predict: with actual units, without, and all of them."""
MODEL = each("model", "v1", "v2")

FAMILIES = [
    Family(
        name="forecast of a product by region",
        difficulty="medium",
        take=7,
        phrasings=(
            "What does model v2 predict for {product} in {month}? Show region and predicted units, by region.",
            "Give the v2 forecast of {product} for {month} per region: region and predicted units, ordered by region.",
        ),
        sql="""SELECT f.region, f.predicted_units FROM forecast_predictions f
            JOIN products p ON p.product_id = f.product_id WHERE p.name = '{product}'
            AND f.forecast_month = DATE '{start}' AND f.model_version = 'v2' ORDER BY f.region""",
        slots=cross(PRODUCT[::2], AHEAD),
    ),
    Family(
        name="forecast of a month by region",
        difficulty="easy",
        take=4,
        phrasings=(
            "How many units does model v2 predict in total per region for {month}? Show region and total, by region.",
            "Sum the v2 predicted units for {month} by region: region and total units, sorted by region.",
        ),
        sql="""SELECT region, SUM(predicted_units) AS units FROM forecast_predictions
            WHERE model_version = 'v2' AND forecast_month = DATE '{start}' GROUP BY region ORDER BY region""",
        slots=BOTH,
    ),
    Family(
        name="large misses",
        difficulty="medium",
        take=6,
        phrasings=(
            "Which {model} forecasts for {month} were off by more than {n} units either way? Show forecast id, "
            "predicted units and actual units, by forecast id.",
            "List forecast id, predicted and actual units of {model} forecasts for {month} whose absolute error "
            "exceeds {n} units, ordered by forecast id.",
        ),
        sql="""SELECT forecast_id, predicted_units, actual_units FROM forecast_predictions
            WHERE model_version = '{model}' AND forecast_month = DATE '{start}'
            AND ABS(predicted_units - actual_units) > {n} ORDER BY forecast_id""",
        slots=cross(MODEL, KNOWN, each("n", 10, 20)),
        evidence=MISS,
    ),
    Family(
        name="mean absolute error by region",
        difficulty="medium",
        take=6,
        phrasings=(
            "What was the mean absolute error of the {model} forecasts for {month} in each region? Show region and "
            "error rounded to 2 decimals, by region.",
            "Average the absolute forecast error of model {model} per region for {month}: region and mean absolute "
            "error (2 decimals), ordered by region.",
        ),
        sql="""SELECT region, ROUND(AVG(ABS(predicted_units - actual_units)), 2) AS mean_absolute_error
            FROM forecast_predictions WHERE model_version = '{model}' AND forecast_month = DATE '{start}'
            AND actual_units IS NOT NULL GROUP BY region ORDER BY region""",
        slots=cross(MODEL, KNOWN),
        evidence=MISS,
    ),
    Family(
        name="outside the interval",
        difficulty="medium",
        take=6,
        phrasings=(
            "For how many {model} forecasts in the {region} region did the actual units fall outside the range from "
            "lower to upper units?",
            "Count the {model} forecasts in the {region} region whose known actual units lie below lower_units or over "
            "upper_units.",
        ),
        sql="""SELECT COUNT(*) FROM forecast_predictions WHERE model_version = '{model}' AND region = '{region}'
            AND (actual_units < lower_units OR actual_units > upper_units)""",
        slots=cross(MODEL, REGION),
    ),
    Family(
        name="highest predicted demand",
        difficulty="medium",
        take=8,
        phrasings=(
            "Which {n} products have the highest total v2 forecast for {month}, over all regions? Show name and "
            "predicted units, highest first, ties by name.",
            "Top {n} products by predicted units (model v2, all regions together) for {month}: name and total, "
            "descending, equal totals by name.",
        ),
        sql="""SELECT p.name, SUM(f.predicted_units) AS units FROM forecast_predictions f
            JOIN products p ON p.product_id = f.product_id
            WHERE f.model_version = 'v2' AND f.forecast_month = DATE '{start}'
            GROUP BY p.name ORDER BY units DESC, p.name LIMIT {n}""",
        slots=cross(BOTH, each("n", 3, 5, 8)),
    ),
    Family(
        name="forecast by category",
        difficulty="medium",
        take=6,
        phrasings=(
            "How many units does model v2 predict for {category} in each month from June 2025 on? Show month and total "
            "predicted units, by month.",
            "Add up the v2 predicted units of {category} products per forecast month, starting with June 2025, by "
            "month: month and total.",
        ),
        sql="""SELECT f.forecast_month, SUM(f.predicted_units) AS units FROM forecast_predictions f
            JOIN products p ON p.product_id = f.product_id
            WHERE p.category = '{category}' AND f.model_version = 'v2' AND f.forecast_month >= DATE '2025-06-01'
            GROUP BY f.forecast_month ORDER BY f.forecast_month""",
        slots=CATEGORY,
    ),
    Family(
        name="widest intervals",
        difficulty="medium",
        take=2,
        home="validation",
        phrasings=(
            "Which {n} forecasts for {month} have the widest range between lower and upper units? Show forecast id and "
            "width, widest first, ties by forecast id.",
        ),
        sql="""SELECT forecast_id, upper_units - lower_units AS width FROM forecast_predictions
            WHERE forecast_month = DATE '{start}' ORDER BY width DESC, forecast_id LIMIT {n}""",
        slots=cross(AHEAD, each("n", 3, 5)),
    ),
    Family(
        name="stock against forecast",
        difficulty="hard",
        take=3,
        home="test",
        phrasings=(
            "For which products does the total v2 forecast for {month}, over all regions, exceed the stock on hand "
            "by more than {n} units? Show name, stock on hand and predicted units, by name.",
        ),
        sql="""SELECT p.name, p.stock_on_hand, SUM(f.predicted_units) AS units FROM products p
            JOIN forecast_predictions f ON f.product_id = p.product_id
            WHERE f.model_version = 'v2' AND f.forecast_month = DATE '{start}'
            GROUP BY p.product_id, p.name, p.stock_on_hand HAVING SUM(f.predicted_units) - p.stock_on_hand > {n}
            ORDER BY p.name""",
        slots=cross(AHEAD, each("n", 20, 50)),
    ),
    Family(
        name="two models side by side",
        difficulty="hard",
        take=2,
        home="test",
        phrasings=(
            "Compare the two models for {month}: for each region show the mean absolute error of v1 and of v2, both "
            "rounded to 2 decimals, by region.",
        ),
        sql="""SELECT region,
            ROUND(AVG(ABS(predicted_units - actual_units)) FILTER (WHERE model_version = 'v1'), 2) AS v1_error,
            ROUND(AVG(ABS(predicted_units - actual_units)) FILTER (WHERE model_version = 'v2'), 2) AS v2_error
            FROM forecast_predictions WHERE forecast_month = DATE '{start}' GROUP BY region ORDER BY region""",
        slots=KNOWN,
        evidence=MISS,
    ),
]
