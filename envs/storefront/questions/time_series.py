"""Questions about how things develop over days, weeks, months and quarters."""

from envs.storefront.definitions import NET_REVENUE
from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, CHANNEL, HALVES, MONTHS, QUARTERS, REGION, STATUS, cross, each

FAMILIES = [
    Family(
        name="orders per month",
        difficulty="medium",
        take=7,
        phrasings=(
            "How many orders were placed {via} in each month of {half}? Show the first day of the month as a date and "
            "the count, in date order; any status.",
            "Give the monthly number of orders placed {via} during {half}, all statuses: month (its first day, as a "
            "date) and orders, oldest first.",
        ),
        sql="""{order_months}, COUNT(*) AS orders FROM orders o WHERE o.channel = '{channel}' AND {placed}
            GROUP BY 1 ORDER BY 1""",
        slots=cross(CHANNEL, HALVES),
    ),
    Family(
        name="net revenue per week",
        difficulty="medium",
        take=6,
        phrasings=(
            "Show net revenue per week for orders placed in {month}: the week's Monday as a date and net revenue "
            "rounded to 2 decimals, oldest week first. Only count days inside the month.",
            "For orders placed in {month}, total net revenue (2 decimals) by week; identify a week by the date of its "
            "Monday and sort by it.",
        ),
        sql="""SELECT date_trunc('week', o.placed_at)::date AS week, ROUND(SUM({net}), 2) AS net_revenue FROM {lines}
            WHERE {counted} AND {placed} GROUP BY 1 ORDER BY 1""",
        slots=MONTHS,
        evidence=NET_REVENUE,
    ),
    Family(
        name="orders per day",
        difficulty="medium",
        take=4,
        phrasings=(
            "How many orders were placed on each day of {month}? List the date and the number of orders, by date, only "
            "days with orders; any status.",
            "Daily order counts for {month}: date and orders of any status, in date order, skipping days without "
            "orders.",
        ),
        sql="""SELECT o.placed_at::date AS day, COUNT(*) AS orders FROM orders o WHERE {placed}
            GROUP BY 1 ORDER BY 1""",
        slots=MONTHS,
    ),
    Family(
        name="orders of the last days",
        difficulty="medium",
        take=4,
        phrasings=(
            "Today is 2025-06-30. How many orders of each status were placed in the last {n} days, today included? "
            "Show status and count, ordered by status.",
            "Taking 2025-06-30 as today, count the orders of the {n} days ending today by status: status and orders, "
            "alphabetically.",
        ),
        sql="""SELECT o.status, COUNT(*) AS orders FROM orders o
            WHERE o.placed_at >= DATE '2025-06-30' - INTERVAL '{n} days' + INTERVAL '1 day'
            AND o.placed_at < DATE '2025-07-01' GROUP BY o.status ORDER BY o.status""",
        slots=each("n", 7, 14, 30, 45, 60, 90),
    ),
    Family(
        name="signups per month",
        difficulty="medium",
        take=5,
        phrasings=(
            "How many customers from the {region} region signed up in each month of {year}? Show the month's first day "
            "as a date and signups, by month, only months with signups.",
            "Monthly {region} signups in {year}: first day of the month (a date) and number of customers, in date "
            "order; leave out months without any.",
        ),
        sql="""SELECT date_trunc('month', signup_date)::date AS month, COUNT(*) AS signups FROM customers
            WHERE region = '{region}' AND signup_date >= DATE '{year}-01-01'
            AND signup_date < DATE '{year}-01-01' + INTERVAL '1 year' GROUP BY 1 ORDER BY 1""",
        slots=cross(REGION, each("year", 2024, 2025)),
    ),
    Family(
        name="busiest month",
        difficulty="medium",
        take=5,
        phrasings=(
            "In which month were the most {status} orders placed? Show its first day as a date and the number of "
            "orders; on a tie, the earliest month.",
            "Which month had the highest number of orders that are {status}? Return the month's first day (date) and "
            "the count, taking the earliest if several tie.",
        ),
        sql="""{order_months}, COUNT(*) AS orders FROM orders o WHERE o.status = '{status}'
            GROUP BY 1 ORDER BY orders DESC, month LIMIT 1""",
        slots=STATUS,
    ),
    Family(
        name="quarterly revenue of a category",
        difficulty="medium",
        take=6,
        phrasings=(
            "Show the net revenue from {category} products per calendar quarter since 2024-04-01: the quarter's "
            "first day as a date and net revenue (2 decimals), oldest first.",
            "How has quarterly net revenue of {category} developed since 2024-04-01? Return first day of the quarter "
            "(date) and net revenue to 2 decimals, in date order.",
        ),
        sql="""SELECT date_trunc('quarter', o.placed_at)::date AS quarter, ROUND(SUM({net}), 2) AS net_revenue
            FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE {counted} AND p.category = '{category}' AND o.placed_at >= DATE '2024-04-01' GROUP BY 1 ORDER BY 1""",
        slots=CATEGORY,
        evidence=NET_REVENUE,
    ),
    Family(
        name="orders by weekday",
        difficulty="medium",
        take=6,
        phrasings=(
            "How do the orders of {quarter} spread over the days of the week? Show ISO weekday number (1 Monday to 7 "
            "Sunday) as an integer and orders of any status, by weekday.",
            "Count the orders placed in {quarter} by ISO day of the week (integer, 1 = Monday), in weekday order; all "
            "statuses.",
        ),
        sql="""SELECT EXTRACT(ISODOW FROM o.placed_at)::integer AS weekday, COUNT(*) AS orders FROM orders o
            WHERE {placed} GROUP BY 1 ORDER BY 1""",
        slots=QUARTERS,
    ),
    Family(
        name="orders by hour",
        difficulty="medium",
        take=2,
        home="validation",
        phrasings=(
            "At which hours of the day are orders placed {via}? Show the hour as an integer and the number of orders "
            "of any status, by hour.",
        ),
        sql="""SELECT EXTRACT(HOUR FROM placed_at)::integer AS hour, COUNT(*) AS orders FROM orders
            WHERE channel = '{channel}' GROUP BY 1 ORDER BY 1""",
        slots=CHANNEL,
    ),
    Family(
        name="orders per month with gaps",
        difficulty="hard",
        take=3,
        home="test",
        phrasings=(
            "For every month of {half}, how many orders of any status contained {product}? Include months with none as "
            "0; show the month's first day as a date and the count, in date order.",
        ),
        sql="""SELECT m.month::date AS month, COUNT(b.placed_at) AS orders
            FROM generate_series(DATE '{start}', DATE '{end}' - INTERVAL '1 day', INTERVAL '1 month') AS m(month)
            LEFT JOIN (SELECT o.placed_at FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE p.name = '{product}') b ON date_trunc('month', b.placed_at) = m.month GROUP BY 1 ORDER BY 1""",
        slots=cross(HALVES[1:], each("product", "Matcha Powder", "Cold Brew Pack", "Headlamp", "Vitamin Drink")),
    ),
    Family(
        name="cumulative signups",
        difficulty="hard",
        take=2,
        home="test",
        phrasings=(
            "By the end of each quarter of 2024, how many customers had signed up in total in the {region} region, "
            "whenever they signed up? Show the quarter's last day as a date and the cumulative count, by date.",
        ),
        sql="""SELECT q.day AS quarter_end, COUNT(c.customer_id) AS customers
            FROM (VALUES (DATE '2024-03-31'), (DATE '2024-06-30'), (DATE '2024-09-30'), (DATE '2024-12-31')) AS q(day)
            LEFT JOIN customers c ON c.signup_date <= q.day AND c.region = '{region}'
            GROUP BY q.day ORDER BY quarter_end""",
        slots=REGION,
    ),
]
