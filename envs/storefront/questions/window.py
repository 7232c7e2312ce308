"""Questions whose natural answer is a window function."""

from envs.storefront.definitions import NET_REVENUE
from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, CHANNEL, QUARTERS, STATE, cross, each

FAMILIES = [
    Family(
        name="price rank",
        difficulty="medium",
        take=5,
        phrasings=(
            "Rank the {category} products by list price, the most expensive as 1, with equal prices sharing a rank and "
            "the next rank skipped. Show name, list price and rank, by rank and name.",
            "Give each {category} product its rank by list price (1 = highest; ties share a rank and leave a gap): "
            "name, list price, rank, sorted by rank then name.",
        ),
        sql="""SELECT name, list_price, RANK() OVER (ORDER BY list_price DESC) AS price_rank
            FROM products WHERE category = '{category}' ORDER BY price_rank, name""",
        slots=CATEGORY,
    ),
    Family(
        name="running revenue",
        difficulty="hard",
        take=4,
        phrasings=(
            "For orders placed {via} in 2024, show each month's first day (a date), its net revenue and the running "
            "total since January, both rounded to 2 decimals, by month; skip months without any.",
            "Build the cumulative net revenue of 2024 for orders placed {via}: first day of the month (date), month's "
            "net revenue, total so far, amounts to 2 decimals, oldest month first, months without any left out.",
        ),
        sql="""WITH monthly AS ({order_months}, SUM({net}) AS revenue FROM {lines}
            WHERE {counted} AND o.channel = '{channel}' AND {placed} GROUP BY 1)
            SELECT month, ROUND(revenue, 2) AS net_revenue,
            ROUND(SUM(revenue) OVER (ORDER BY month), 2) AS running_total
            FROM monthly ORDER BY month""",
        slots=cross(CHANNEL, [{"start": "2024-01-01", "end": "2025-01-01"}]),
        evidence=NET_REVENUE,
    ),
    Family(
        name="most recent order",
        difficulty="hard",
        take=5,
        phrasings=(
            "For every customer in {state_name} who has ordered, show customer id and the id, placement time and "
            "status of the most recent order, by customer id. If two were placed at once, take the higher order id.",
            "What is the latest order of each {state_name} customer (highest order id if placed at the same time)? "
            "Return customer id, order id, placement time, status, sorted by customer id.",
        ),
        sql="""SELECT customer_id, order_id, placed_at, status FROM (SELECT o.customer_id, o.order_id, o.placed_at,
            o.status,
            ROW_NUMBER() OVER (PARTITION BY o.customer_id ORDER BY o.placed_at DESC, o.order_id DESC) AS latest
            FROM orders o JOIN customers c ON c.customer_id = o.customer_id WHERE c.state = '{state}') ranked
            WHERE latest = 1 ORDER BY customer_id""",
        slots=STATE,
    ),
    Family(
        name="days between orders",
        difficulty="hard",
        take=4,
        phrasings=(
            "For customer {id}, show each order's id, its date and the days since the customer's previous order (NULL "
            "for the first), ordered by order id. The previous order is the one placed just before.",
            "How many days passed between the consecutive orders of customer {id}? List order id, order date and days "
            "since the order placed before it (NULL for the first), by order id.",
        ),
        sql="""SELECT order_id, placed_at::date AS day, placed_at::date - LAG(placed_at::date)
            OVER (ORDER BY placed_at, order_id) AS days_since FROM orders WHERE customer_id = {id}
            ORDER BY order_id""",
        slots=each("id", 1, 2, 3, 5, 9, 11),
    ),
    Family(
        name="two best products a category",
        difficulty="hard",
        take=4,
        phrasings=(
            "Which two products of each category sold the most units in {quarter}, counting every order status? Show "
            "category, name and units, by category, then units descending and name; break ties by name.",
            "For {quarter}, give the top two products per category by units ordered (any status; ties by name): "
            "category, name, units, sorted by category, units from high to low, name.",
        ),
        sql="""WITH sold AS (SELECT p.category, p.name, SUM(i.quantity) AS units,
            ROW_NUMBER() OVER (PARTITION BY p.category ORDER BY SUM(i.quantity) DESC, p.name) AS place
            FROM {lines} JOIN products p ON p.product_id = i.product_id WHERE {placed} GROUP BY p.category, p.name)
            SELECT category, name, units FROM sold WHERE place <= 2 ORDER BY category, units DESC, name""",
        slots=QUARTERS,
    ),
    Family(
        name="moving average",
        difficulty="hard",
        take=3,
        home="test",
        phrasings=(
            "For orders placed {via} in 2025, show each month's first day (a date), the number of orders of any "
            "status, and the average of that month and up to two months before it, rounded to 2 decimals, by month.",
        ),
        sql="""WITH monthly AS ({order_months}, COUNT(*) AS orders FROM orders o
            WHERE o.channel = '{channel}' AND o.placed_at >= DATE '2025-01-01' GROUP BY 1)
            SELECT month, orders,
            ROUND(AVG(orders) OVER (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), 2) AS moving_average
            FROM monthly ORDER BY month""",
        slots=CHANNEL,
    ),
]
