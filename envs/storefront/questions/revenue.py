"""Questions about net revenue: totals, ranks, shares and order values."""

from envs.storefront.definitions import COUNTED, NET_REVENUE
from envs.storefront.family import Family
from envs.storefront.slots import CHANNEL, HALVES, MONTHS, QUARTERS, REGION, cross, each

FAMILIES = [
    Family(
        name="net revenue of a month",
        difficulty="medium",
        take=8,
        phrasings=(
            "What was the net revenue of orders placed in {month}? Round to 2 decimals.",
            "Total the net revenue from orders placed in {month}, to 2 decimals.",
            "How much net revenue did {month} bring in, by the day orders were placed, rounded to 2 decimals?",
        ),
        sql="SELECT ROUND(SUM({net}), 2) AS net_revenue FROM {lines} WHERE {counted} AND {placed}",
        slots=MONTHS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="net revenue by category",
        difficulty="medium",
        take=6,
        phrasings=(
            "Show net revenue by product category for orders placed in {quarter}: category and net revenue rounded to "
            "2 decimals, highest first.",
            "How did the product categories rank by net revenue in {quarter}? Return category and net revenue (2 "
            "decimals), from highest to lowest.",
        ),
        sql="""SELECT p.category, ROUND(SUM({net}), 2) AS net_revenue FROM {lines}
            JOIN products p ON p.product_id = i.product_id WHERE {counted} AND {placed}
            GROUP BY p.category ORDER BY net_revenue DESC, p.category""",
        slots=QUARTERS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="best selling products",
        difficulty="medium",
        take=8,
        phrasings=(
            "Which {n} products had the highest net revenue in {quarter}? Show name and net revenue rounded to 2 "
            "decimals, highest first, ties by name.",
            "Top {n} products by net revenue (2 decimals) for orders of {quarter}: name and net revenue, best first, "
            "equal amounts by name.",
        ),
        sql="""SELECT p.name, ROUND(SUM({net}), 2) AS net_revenue FROM {lines}
            JOIN products p ON p.product_id = i.product_id WHERE {counted} AND {placed}
            GROUP BY p.name ORDER BY net_revenue DESC, p.name LIMIT {n}""",
        slots=cross(QUARTERS, each("n", 3, 5, 10)),
        evidence=NET_REVENUE,
    ),
    Family(
        name="net revenue by region",
        difficulty="medium",
        take=6,
        phrasings=(
            "Break down the net revenue of {quarter} by customer region, leaving out customers without one. Return "
            "region and net revenue (2 decimals) in order of region.",
            "For orders of {quarter}, give each known customer region and its net revenue rounded to 2 decimals, "
            "alphabetically by region.",
        ),
        sql="""SELECT c.region, ROUND(SUM({net}), 2) AS net_revenue FROM {lines}
            JOIN customers c ON c.customer_id = o.customer_id
            WHERE {counted} AND {placed} AND c.region IS NOT NULL GROUP BY c.region ORDER BY c.region""",
        slots=QUARTERS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="net revenue by channel",
        difficulty="medium",
        take=7,
        phrasings=(
            "How much net revenue did each channel make in {month}? Leave out channels without any; show channel and "
            "net revenue (2 decimals), ordered by channel.",
            "Net revenue per sales channel for orders placed in {month}: channel and amount to 2 decimals, sorted by "
            "channel, only channels that had any.",
        ),
        sql="""SELECT o.channel, ROUND(SUM({net}), 2) AS net_revenue FROM {lines} WHERE {counted} AND {placed}
            GROUP BY o.channel ORDER BY o.channel""",
        slots=MONTHS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="average order value",
        difficulty="hard",
        take=7,
        phrasings=(
            "What was the average net revenue per counted order placed {via} in {half}, rounded to 2 decimals?",
            "Compute the average order value (net revenue divided by number of counted orders) for orders placed "
            "{via} in {half}; 2 decimals.",
        ),
        sql="""SELECT ROUND(SUM({net}) / COUNT(DISTINCT o.order_id), 2) AS average_order_value FROM {lines}
            WHERE {counted} AND o.channel = '{channel}' AND {placed}""",
        slots=cross(CHANNEL, HALVES),
        evidence=f"{NET_REVENUE} {COUNTED}",
    ),
    Family(
        name="customers above a revenue",
        difficulty="hard",
        take=6,
        phrasings=(
            "Which customers brought in more than ${amount} of net revenue in {half}? Show customer id, full name and "
            "net revenue (2 decimals), highest first, ties by customer id.",
            "List customers with net revenue over ${amount} on orders of {half}: id, full name, net revenue rounded to "
            "2 decimals; sort by net revenue descending, then id.",
        ),
        sql="""SELECT c.customer_id, c.full_name, ROUND(SUM({net}), 2) AS net_revenue FROM {lines}
            JOIN customers c ON c.customer_id = o.customer_id WHERE {counted} AND {placed}
            GROUP BY c.customer_id, c.full_name HAVING SUM({net}) > {amount}
            ORDER BY net_revenue DESC, c.customer_id""",
        slots=cross(HALVES, each("amount", 500, 650, 800)),
        evidence=NET_REVENUE,
    ),
    Family(
        name="share of revenue",
        difficulty="hard",
        take=4,
        home="test",
        phrasings=(
            "What share of the net revenue of {quarter} came from each product category? Show category and percentage "
            "rounded to 1 decimal, ordered by category.",
        ),
        sql="""SELECT p.category, ROUND(100 * SUM({net}) / SUM(SUM({net})) OVER (), 1) AS percent FROM {lines}
            JOIN products p ON p.product_id = i.product_id WHERE {counted} AND {placed}
            GROUP BY p.category ORDER BY p.category""",
        slots=QUARTERS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="revenue of first orders",
        difficulty="hard",
        take=4,
        home="test",
        phrasings=(
            "Among {region} customers, how much net revenue came from each customer's very first counted order, in "
            "total? The first order is the one with the smallest order id; round to 2 decimals.",
        ),
        sql="""SELECT ROUND(SUM({net}), 2) AS first_order_revenue FROM {lines} WHERE o.order_id IN (
            SELECT MIN(o.order_id) FROM orders o JOIN customers c ON c.customer_id = o.customer_id
            WHERE {counted} AND c.region = '{region}' GROUP BY o.customer_id)""",
        slots=REGION,
        evidence=f"{NET_REVENUE} {COUNTED}",
    ),
]
